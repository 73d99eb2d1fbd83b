"""Errors in the format of OpenAI's API, which its clients understand."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Literal

import msgspec

from functions.shared.web import uploads
from functions.shared.web.routing import JSON, ErrorFormat, Problem

_FIELD = re.compile(r"(?:at `\$\.|missing required field `)(\w+)")
"""Where msgspec's messages name the field."""
_PARAMETERS = {
    **dict.fromkeys(uploads.PROBLEMS, "file"),
    "unsupported_language": "language",
    "model_not_found": "model",
}


class OpenAiErrorDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong. `param` is the parameter at fault, if one is."""

    message: str
    type: Literal["invalid_request_error", "rate_limit_error", "server_error"]
    param: str | None
    code: str


class OpenAiError(msgspec.Struct, frozen=True, kw_only=True):
    """An error as OpenAI's API states it; `code` is the same as in SAMO's problem details."""

    error: OpenAiErrorDetails


def convert(problem: Problem) -> OpenAiError:
    """The error for problem details."""
    field = _FIELD.search(problem.detail)
    return OpenAiError(
        error=OpenAiErrorDetails(
            message=problem.detail or problem.title,
            type=_type(problem.status),
            param=field[1] if field else _PARAMETERS.get(problem.code),
            code=problem.code,
        )
    )


def _type(status: int) -> Literal["invalid_request_error", "rate_limit_error", "server_error"]:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "rate_limit_error"
    return "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"


FORMAT = ErrorFormat(
    body=OpenAiError,
    media_type=JSON,
    convert=convert,
    statuses={HTTPStatus.UNSUPPORTED_MEDIA_TYPE: HTTPStatus.BAD_REQUEST},
)
"""OpenAI answers 400 to what is no recording, so its clients expect that."""
