"""Transcripts in the formats of OpenAI's API."""

from __future__ import annotations

import math
import zlib
from collections.abc import Collection, Iterator, Sequence

import msgspec
from msgspec import UNSET, UnsetType

from functions.shared.audio import subtitles
from functions.shared.domain.content import (
    EmptyReason,
    LeftOut,
    PartialReason,
    Segment,
    Transcript,
    Uncertainty,
)
from functions.shared.web.routing import Reply
from functions.transcription.openai.form import TranscriptionForm
from functions.transcription.openai.languages import NAMES

_UNKNOWN = "unknown"


class OpenAiUsage(msgspec.Struct, frozen=True, kw_only=True):
    """What the call used: the seconds of the recording."""

    type: str = "duration"
    seconds: float


class OpenAiWord(msgspec.Struct, frozen=True, kw_only=True):
    """A word and when it was said, in seconds."""

    word: str
    start: float
    end: float


class OpenAiSegment(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence and when it was said, in seconds.

    Attributes:
        seek, tokens, temperature, no_speech_prob: always 0 or empty; OpenAI's clients require them.
        uncertain, left_out: as in `POST /transcribe`, which OpenAI's API does not have.
    """

    id: int
    seek: int = 0
    start: float
    end: float
    text: str
    tokens: tuple[int, ...] = ()
    temperature: float = 0.0
    avg_logprob: float
    compression_ratio: float
    no_speech_prob: float = 0.0
    uncertain: Uncertainty | UnsetType = UNSET
    left_out: LeftOut | UnsetType = UNSET


class OpenAiTranscription(msgspec.Struct, frozen=True, kw_only=True):
    """A transcript. Only `verbose_json` has the fields that are not required.

    Attributes:
        words: those that the engine has timed; Moonshine times sentences only.
        empty_reason, partial, partial_reason: as in `POST /transcribe`, which OpenAI's API does not have.
    """

    text: str
    usage: OpenAiUsage
    task: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    duration: float | UnsetType = UNSET
    segments: tuple[OpenAiSegment, ...] | UnsetType = UNSET
    words: tuple[OpenAiWord, ...] | UnsetType = UNSET
    empty_reason: EmptyReason | UnsetType = UNSET
    partial: bool | UnsetType = UNSET
    partial_reason: PartialReason | UnsetType = UNSET


def reply(transcript: Transcript, reason: EmptyReason | None, form: TranscriptionForm) -> Reply:
    """The transcript in the format that the form asks for."""
    name = form.response_format
    if name == "text":
        return Reply(body=f"{transcript.text}\n", media_type=subtitles.MEDIA_TYPES["txt"])
    if name in ("srt", "vtt"):
        return Reply(body=subtitles.render(transcript, name), media_type=subtitles.MEDIA_TYPES[name])
    brief = OpenAiTranscription(text=transcript.text, usage=OpenAiUsage(seconds=transcript.duration_s or 0.0))
    return Reply(body=brief if name == "json" else _verbose(brief, transcript, reason, form))


def _verbose(
    brief: OpenAiTranscription, transcript: Transcript, reason: EmptyReason | None, form: TranscriptionForm
) -> OpenAiTranscription:
    language = transcript.language or form.language_code or _UNKNOWN
    wanted: Collection[str] = form.timestamp_granularities or ("segment",)
    return msgspec.structs.replace(
        brief,
        task="transcribe",
        language=NAMES.get(language, language),
        duration=brief.usage.seconds,
        segments=tuple(_segments(transcript.segments)) if "segment" in wanted else UNSET,
        words=tuple(_words(transcript.segments)) if "word" in wanted else UNSET,
        empty_reason=reason or UNSET,
        partial=transcript.partial or UNSET,
        partial_reason=transcript.partial_reason or UNSET,
    )


def _segments(segments: Sequence[Segment]) -> Iterator[OpenAiSegment]:
    for index, segment in enumerate(segments):
        text = segment.text.encode()
        yield OpenAiSegment(
            id=index,
            start=segment.start or 0.0,
            end=segment.end or 0.0,
            text=segment.text,
            avg_logprob=round(math.log(max(segment.confidence or 1.0, 1e-3)), 3),
            compression_ratio=round(len(text) / len(zlib.compress(text)), 3),
            uncertain=segment.uncertain or UNSET,
            left_out=segment.left_out or UNSET,
        )


def _words(segments: Sequence[Segment]) -> Iterator[OpenAiWord]:
    for segment in segments:
        for word in segment.words:
            yield OpenAiWord(word=word.text, start=word.start, end=word.end)
