"""Stored objects as answers: streamed, in ranges where the client asks for them."""

from __future__ import annotations

import flask

from functions.shared.domain.entries import Audio
from functions.shared.ports import AudioStore


def send_stored_object(
    request: flask.Request, store: AudioStore, found: Audio, headers: dict[str, str]
) -> flask.Response:
    """An object from its store. Raises NotFound `audio_gone`."""
    with store.fetch(found) as path:
        file = path.open("rb")
    response = flask.Response(file, mimetype=found.content_type, direct_passthrough=True, headers=headers)
    response.content_length = found.size
    response.set_etag(str(found.generation))
    response.make_conditional(request.environ, accept_ranges=True, complete_length=found.size)
    return response
