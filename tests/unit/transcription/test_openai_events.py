"""A transcript as events: in parts, whole at the end, and errors on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from functions.shared.audio import decoding
from functions.shared.domain.content import Segment
from functions.shared.errors import UnsupportedMedia
from functions.transcription.engine import Recognition
from functions.transcription.openai.events import events
from functions.transcription.transcriber import Parts

INFO = decoding.AudioInfo(duration_s=700.0, format="wav", sample_rate=16000, channels=1)
SECRET = "what was said"


def recognition(*texts: str) -> Recognition:
    return Recognition(segments=tuple(Segment(text=text, start=0.0, end=1.0) for text in texts))


def parsed(event: bytes) -> Any:
    assert event.startswith(b"data: ")
    assert event.endswith(b"\n\n")
    return json.loads(event.removeprefix(b"data: "))


def test_each_part_is_sent_before_the_next_one_is_recognized() -> None:
    recognized: list[int] = []

    def recognitions() -> Iterator[Recognition]:
        for number, part in enumerate([recognition("One.", "Two."), recognition(), recognition("Three.")]):
            recognized.append(number)
            yield part

    sent = events(Parts(INFO, recognitions()), "r1")
    deltas = [parsed(next(sent)), parsed(next(sent))]
    assert recognized == [0]
    deltas.append(parsed(next(sent)))
    assert [delta["delta"] for delta in deltas] == ["One.", " Two.", " Three."]
    assert [parsed(event) for event in sent] == [{"type": "transcript.text.done", "text": "One. Two. Three."}]


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (UnsupportedMedia("the rest is damaged", code="undecodable_audio"), "invalid_request_error",
         "undecodable_audio"),
        (RuntimeError(SECRET), "server_error", "internal"),
    ],
)  # fmt: skip
def test_an_error_ends_the_stream_with_an_event_that_states_it(
    error: Exception, kind: str, code: str
) -> None:
    def recognitions() -> Iterator[Recognition]:
        yield recognition("One.")
        raise error

    first, last = events(Parts(INFO, recognitions()), "r1")
    assert parsed(first)["delta"] == "One."
    stated = parsed(last)["error"]
    assert (stated["type"], stated["code"]) == (kind, code)
    assert SECRET not in stated["message"]
