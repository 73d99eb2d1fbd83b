"""Validates request bodies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import flask
import msgspec

from functions.shared.errors import (
    InvalidRequest,
    PayloadTooLarge,
    UnsupportedMedia,
)
from functions.shared.web.routing import JSON

TEXT_PROBLEMS = {"empty_text": 400, "null_bytes": 400, "text_too_long": 413}
"""The errors that `require_text` raises."""

B = TypeVar("B")


def require_text(text: str, limit: int) -> str:
    """Returns the text if it is valid.

    Raises:
        InvalidRequest: `empty_text`, or `null_bytes`.
        PayloadTooLarge: `text_too_long`, more than `limit` characters.
    """
    if not text.strip():
        raise InvalidRequest("the text is empty", code="empty_text")
    if "\x00" in text:
        raise InvalidRequest("the text contains null bytes", code="null_bytes")
    if len(text) > limit:
        raise PayloadTooLarge(
            f"the text has {len(text)} characters; the limit is {limit}", code="text_too_long"
        )
    return text


def require_batch(items: Sequence[object], limit: int) -> None:
    """Raises InvalidRequest `empty_batch`, or PayloadTooLarge `batch_too_large`."""
    if not items:
        raise InvalidRequest("the batch is empty", code="empty_batch")
    if len(items) > limit:
        raise PayloadTooLarge(
            f"the batch has {len(items)} items; the limit is {limit}", code="batch_too_large"
        )


def media_type_of(content_type: str | None) -> str:
    """The media type without its parameters, in lower case."""
    return (content_type or "").split(";")[0].strip().lower()


def json_body(request: flask.Request, struct: type[B]) -> B:
    """Decodes and validates the JSON body.

    Raises:
        UnsupportedMedia: `unsupported_content_type`.
        InvalidRequest: `invalid_json`, or `invalid_field` with the path of the field.
    """
    media_type = media_type_of(request.content_type)
    if media_type != JSON and not media_type.endswith("+json"):
        raise UnsupportedMedia(
            "send JSON, with Content-Type: application/json", code="unsupported_content_type"
        )
    try:
        return msgspec.json.decode(request.get_data(cache=False), type=struct)
    except msgspec.ValidationError as error:
        raise InvalidRequest(str(error), code="invalid_field") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest("the body is not valid JSON", code="invalid_json") from error
