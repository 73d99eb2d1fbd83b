"""Renders transcripts as plain text, SubRip, WebVTT or JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

import msgspec

from functions.shared.domain.content import Transcript
from functions.shared.errors import InvalidRequest

MEDIA_TYPES = {"txt": "text/plain", "srt": "application/x-subrip", "vtt": "text/vtt"}
"""Media types of the formats other than JSON."""
TEXT_TYPES = tuple(MEDIA_TYPES.values())


class Format(msgspec.Struct, frozen=True):
    """The format of a transcript: JSON, plain text, SubRip or WebVTT."""

    format: Literal["json", "txt", "srt", "vtt"] = "json"


def render(transcript: Transcript, name: str) -> str:
    """The transcript in the format `name`: txt, srt, vtt or json.

    Raises:
        InvalidRequest: `unknown_format`.
    """
    try:
        return FORMATS[name](transcript)
    except KeyError:
        known = ", ".join(FORMATS)
        raise InvalidRequest(f"the format must be one of {known}", code="unknown_format") from None


def txt(transcript: Transcript) -> str:
    """One segment per line, and the lines between them that are no sentences."""
    lines = [line for part in _parts(transcript) for line in part]
    return "".join(f"{line}\n" for line in lines if line)


def _parts(transcript: Transcript) -> Iterator[list[str]]:
    """The lines of the text: those of each segment as one, the others as they were typed."""
    position = 0
    for segment in transcript.segments:
        start = transcript.text.find(segment.text, position)
        if start >= 0:
            yield transcript.text[position:start].strip().splitlines()
            position = start + len(segment.text)
        yield [_line(segment.text)]
    yield transcript.text[position:].strip().splitlines() if position or not transcript.segments else []


def srt(transcript: Transcript) -> str:
    """SubRip: numbered cues, with a comma before the milliseconds. SubRip has no escapes."""
    cues = enumerate(_cues(transcript), start=1)
    return "\n".join(f"{number}\n{_span(begin, end, ',')}\n{text}\n" for number, (begin, end, text) in cues)


def vtt(transcript: Transcript) -> str:
    """WebVTT: a header, and cues in which &, < and > are escaped (which also covers `-->`)."""
    cues = (f"\n{_span(begin, end, '.')}\n{_escaped(text)}\n" for begin, end, text in _cues(transcript))
    return "WEBVTT\n" + "".join(cues)


def json(transcript: Transcript) -> str:
    """The stored form, indented."""
    return msgspec.json.format(msgspec.json.encode(transcript)).decode() + "\n"


FORMATS: Mapping[str, Callable[[Transcript], str]] = {"txt": txt, "srt": srt, "vtt": vtt, "json": json}


def _cues(transcript: Transcript) -> Iterator[tuple[int, int, str]]:
    """Begin and end in milliseconds, and text on one line. Cues are in order and never empty."""
    earliest = 0
    for segment in transcript.segments:
        text = _line(segment.text)
        if not text or segment.start is None or segment.end is None:
            continue
        begin = max(earliest, _milliseconds(segment.start))
        yield begin, max(begin + 1, _milliseconds(segment.end)), text
        earliest = begin


def _line(text: str) -> str:
    """Replace any white space by one space, as a blank line would end a cue."""
    return " ".join(text.split())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _milliseconds(seconds: float) -> int:
    return max(0, round(seconds * 1000))


def _span(begin: int, end: int, point: str) -> str:
    return f"{_clock(begin, point)} --> {_clock(end, point)}"


def _clock(milliseconds: int, point: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{rest:03}"
