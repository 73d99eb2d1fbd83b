"""A transcript as server-sent events, sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from functions.shared.web import problems
from functions.transcription.engine import Recognition
from functions.transcription.openai import errors
from functions.transcription.transcriber import Parts

EVENT_STREAM = "text/event-stream"


class _Delta(msgspec.Struct, frozen=True, tag="transcript.text.delta"):
    delta: str


class _Done(msgspec.Struct, frozen=True, tag="transcript.text.done"):
    text: str


def events(parts: Parts, request_id: str) -> Iterator[bytes]:
    """One event per sentence as the parts of a recording are recognized, then the whole text.

    The sentences joined are the text. An error ends the stream with an event that states it.
    """
    recognized, space = list[Recognition](), ""
    try:
        for recognition in parts.recognitions:
            recognized.append(recognition)
            for segment in recognition.segments:
                yield _event(_Delta(f"{space}{segment.text}"))
                space = " "
        transcript, _ = parts.join(recognized)
        yield _event(_Done(transcript.text))
    except Exception as error:
        yield _event(errors.convert(problems.problem_of(error, request_id)))


def _event(data: msgspec.Struct) -> bytes:
    return b"data: " + msgspec.json.encode(data) + b"\n\n"
