"""Synchronous summaries of text, or of segments that keep their times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from functions.shared.domain.content import EmptyReason, Segment
from functions.shared.domain.insight import Summary
from functions.shared.errors import InvalidRequest
from functions.shared.runtime.settings import Settings, Style
from functions.shared.text import sentences
from functions.shared.text.language import why_not_understood
from functions.shared.web.routing import Call, Reply, Route
from functions.shared.web.validation import TEXT_PROBLEMS, require_batch, require_text
from functions.summarization.engine import Engine, Text

TAG = "Summarization"
MAX_SEGMENTS = 5_000


class SummarizeRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """Either `text` or `segments`; `max_sentences` come back at most.

    `style` `extract` quotes the text's own sentences; `abstract` writes new ones, and falls back to extracts,
    with a `fallback_reason`, where what it wrote is not in the text or no model is installed.
    """

    text: str | None = None
    segments: tuple[Segment, ...] | None = None
    max_sentences: Annotated[int, Meta(ge=1, le=10)] = 3
    style: Style = Style.EXTRACT


class SummarizeResponse(msgspec.Struct, frozen=True, kw_only=True):
    """`summary` is null, and `empty_reason` says why, when the text can't be understood."""

    summary: Summary | None
    empty_reason: EmptyReason | None = None


class SummarizationApi:
    """Handlers over engines that are loaded with the first call of their style."""

    def __init__(self, engine: Callable[[Style], Engine], settings: Settings) -> None:
        self._engine = engine
        self._settings = settings

    def summarize(self, call: Call[SummarizeRequest]) -> Reply:
        engine, body = self._engine(call.body.style), call.body
        return Reply(body=respond(engine, self._segments(body), body.max_sentences))

    def _segments(self, request: SummarizeRequest) -> tuple[Segment, ...]:
        if (request.text is None) == (request.segments is None):
            raise InvalidRequest("send either text or segments", code="invalid_field")
        limit = self._settings.max_text_chars
        if request.segments is None:
            return sentences.segments(require_text(request.text or "", limit))
        require_batch(request.segments, MAX_SEGMENTS)
        require_text(" ".join(segment.text for segment in request.segments), limit)
        return request.segments


def respond(engine: Engine, segments: Sequence[Segment], max_sentences: int) -> SummarizeResponse:
    """The summary of a text, or why it cannot be understood."""
    reason = why_not_understood(" ".join(segment.text for segment in segments))
    if reason is not None:
        return SummarizeResponse(summary=None, empty_reason=reason)
    return SummarizeResponse(summary=engine.summarize([Text(segments)], max_sentences=max_sentences))


def routes(api: SummarizationApi) -> Sequence[Route]:
    """The summarization function's operations."""
    return [
        Route(
            method="POST",
            path="/summarize",
            handler=api.summarize,
            summary="What a text comes down to, in its own sentences or in new words",
            tag=TAG,
            body=SummarizeRequest,
            replies={200: SummarizeResponse},
            problems={**TEXT_PROBLEMS, "empty_batch": 400, "batch_too_large": 413},
        )
    ]
