"""Synchronous summarization of a text, or of segments with their times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from functions.shared.access.authorization import Requirement
from functions.shared.domain.content import EmptyReason, Segment
from functions.shared.domain.insight import Summary
from functions.shared.domain.records import Scope
from functions.shared.domain.understood import Understood
from functions.shared.errors import InvalidRequest
from functions.shared.runtime.settings import Settings, Style
from functions.shared.text import sentences
from functions.shared.text.language import why_not_read, with_languages
from functions.shared.web.routing import Call, Reply, Route
from functions.shared.web.validation import TEXT_PROBLEMS, require_batch, require_text
from functions.summarization.engine import Engine, Text, of_entry

TAG = "Summarization"
MAX_SEGMENTS = 5_000


class SummarizeRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """Either `text` or `segments`, and the maximum number of sentences in the summary.

    The style `extract` quotes sentences of the text. `abstract` writes new ones; it falls back to `extract`,
    and says so in `fallback_reason`, if no model is installed or the text does not support what it wrote.
    """

    text: str | None = None
    segments: tuple[Segment, ...] | None = None
    max_sentences: Annotated[int, Meta(ge=1, le=10)] = 3
    style: Style = Style.EXTRACT


class SummarizeResponse(msgspec.Struct, frozen=True, kw_only=True):
    """A summary. If the text cannot be understood, `summary` is null and `empty_reason` says why."""

    summary: Summary | None
    empty_reason: EmptyReason | None = None


class SummarizationApi:
    """Handlers; the engine of each style is loaded on its first call."""

    def __init__(self, engine: Callable[[Style], Engine], settings: Settings) -> None:
        self._engine = engine
        self._settings = settings

    def summarize(self, call: Call[SummarizeRequest]) -> Reply:
        engine, body = self._engine(call.body.style), call.body
        return Reply(body=respond(engine, self._segments(body), body.max_sentences))

    def _segments(self, request: SummarizeRequest) -> tuple[Segment, ...]:
        if (request.text is None) == (request.segments is None):
            raise InvalidRequest("send either `text` or `segments`", code="invalid_field")
        limit = self._settings.max_text_chars
        if request.segments is None:
            return sentences.segments(require_text(request.text or "", limit))
        require_batch(request.segments, MAX_SEGMENTS)
        require_text(" ".join(segment.text for segment in request.segments), limit)
        return request.segments


def respond(engine: Engine, segments: Sequence[Segment], max_sentences: int) -> SummarizeResponse:
    """Summarizes the English sentences of a text, or says why there are none."""
    marked = with_languages(segments)
    reason = why_not_read(marked)
    if reason is not None:
        return SummarizeResponse(summary=None, empty_reason=reason)
    understood = Understood(marked)
    summary = engine.summarize([Text(understood.segments)], max_sentences=max_sentences)
    return SummarizeResponse(summary=of_entry(summary, understood))


def routes(api: SummarizationApi) -> Sequence[Route]:
    """Routes of the summarization service."""
    return [
        Route(
            method="POST",
            path="/summarize",
            handler=api.summarize,
            summary="Summarize a text by quoting or rewriting it",
            tag=TAG,
            requires=Requirement(scope=Scope.ANALYZE),
            body=SummarizeRequest,
            replies={200: SummarizeResponse},
            problems={**TEXT_PROBLEMS, "empty_batch": 400, "batch_too_large": 413},
        )
    ]
