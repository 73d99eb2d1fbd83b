"""Sends stored objects: streamed, with support for range requests."""

from __future__ import annotations

import flask

from functions.shared.domain.entries import Audio
from functions.shared.ports import AudioStore


def send_stored_object(
    request: flask.Request, store: AudioStore, audio: Audio, headers: dict[str, str]
) -> flask.Response:
    """Responds with an object. Raises NotFound `audio_gone`."""
    with store.fetch(audio) as path:
        file = path.open("rb")
    response = flask.Response(file, mimetype=audio.content_type, direct_passthrough=True, headers=headers)
    response.content_length = audio.size
    response.set_etag(str(audio.generation))
    response.make_conditional(request.environ, accept_ranges=True, complete_length=audio.size)
    return response
