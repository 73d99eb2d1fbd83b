"""The form of a transcription request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import flask
import msgspec
from msgspec import Meta

from functions.shared.errors import InvalidRequest, UnsupportedMedia
from functions.shared.web.openapi import inline_schema
from functions.shared.web.uploads import MULTIPART
from functions.shared.web.validation import media_type_of
from functions.transcription.openai.hotwords import hotwords
from functions.transcription.openai.languages import code_of

ResponseFormat = Literal["json", "text", "srt", "vtt", "verbose_json"]
_LISTS = ("timestamp_granularities", "keywords")


class TranscriptionForm(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent with a recording. Other fields of OpenAI's API are accepted and have no effect.

    Attributes:
        model: a model that `GET /v1/models` lists.
        language: of the recording: an ISO 639-1 code, or a name such as `english`.
        prompt: names and terms that may occur, as a list or in prose.
        keywords: further names and terms.
        temperature: accepted; decoding is always deterministic.
        timestamp_granularities: what to time, with `verbose_json`; by default, segments.
        stream: respond with server-sent events; `response_format` must be `json` or `text`.
    """

    model: Annotated[str, Meta(min_length=1, max_length=200)]
    language: Annotated[str, Meta(max_length=40)] = ""
    prompt: str = ""
    keywords: tuple[str, ...] = ()
    response_format: ResponseFormat = "json"
    temperature: Annotated[float, Meta(ge=0, le=1)] = 0.0
    timestamp_granularities: tuple[Literal["segment", "word"], ...] = ()
    stream: bool = False

    @property
    def language_code(self) -> str | None:
        return code_of(self.language)

    @property
    def hotwords(self) -> tuple[str, ...]:
        """What recognition should favor."""
        return hotwords(self.prompt, self.keywords)


def read(request: flask.Request) -> TranscriptionForm:
    """The form, without its file.

    Raises:
        UnsupportedMedia: `unsupported_content_type`, the body is not a form.
        InvalidRequest: `invalid_parameter`.
    """
    if media_type_of(request.content_type) != MULTIPART:
        raise UnsupportedMedia("send multipart/form-data", code="unsupported_content_type")
    try:
        form = msgspec.convert(_fields(request), TranscriptionForm, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidRequest(str(error), code="invalid_parameter") from error
    _check(form)
    return form


def schema() -> Mapping[str, Any]:
    """The JSON schema of the form with its file, for the OpenAPI document."""
    fields = inline_schema(TranscriptionForm)
    properties = {
        f"{name}[]" if name in _LISTS else name: field for name, field in fields["properties"].items()
    }
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    return {**fields, "properties": {"file": file, **properties}, "required": ["file", *fields["required"]]}


def _fields(request: flask.Request) -> dict[str, Any]:
    """The fields by name. Clients send lists as `name[]`, once per item, or as `name`."""
    fields: dict[str, Any] = request.form.to_dict()
    for name in _LISTS:
        fields[name] = [*request.form.getlist(f"{name}[]"), *request.form.getlist(name)]
    return fields


def _check(form: TranscriptionForm) -> None:
    """What depends on more than one field, or on a table."""
    if form.language and form.language_code is None:
        raise _invalid("language", "must be an ISO 639-1 code")
    if form.stream and form.response_format not in ("json", "text"):
        raise _invalid("response_format", "must be json or text in a stream")
    if form.timestamp_granularities and form.response_format != "verbose_json":
        raise _invalid("timestamp_granularities", "needs the response_format verbose_json")


def _invalid(name: str, rule: str) -> InvalidRequest:
    return InvalidRequest(f"{name} {rule} - at `$.{name}`", code="invalid_parameter")
