"""What can be sent with a recording."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import flask
import msgspec
from msgspec import Meta

from functions.shared.errors import InvalidRequest
from functions.shared.web import uploads


class RecordingMetadata(msgspec.Struct, frozen=True, omit_defaults=True):
    """Form fields or query parameters; `dictated`, the live transcript that its user saw, is a field only."""

    recorded_at: datetime | None = None
    timezone: Annotated[str, Meta(max_length=64)] | None = None
    dictated: Annotated[str, Meta(max_length=200_000)] = ""


def recording_metadata(request: flask.Request) -> RecordingMetadata:
    """Raises InvalidRequest `invalid_parameter`."""
    try:
        return msgspec.convert(uploads.fields(request), RecordingMetadata, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidRequest(str(error), code="invalid_parameter") from error
