"""The summarization stage: a transcript and its arc to a short summary with quotes."""

from __future__ import annotations

from functions.shared.domain.entries import Stage
from functions.shared.domain.insight import Summary
from functions.shared.domain.stage_work import EntryFindings, StageInput, StageResult
from functions.shared.domain.understood import Understood
from functions.shared.errors import PermanentError
from functions.shared.text.language import why_not_read, with_languages
from functions.shared.text.sentences import segments
from functions.summarization.engine import Engine, Text, of_entry


class SummarizationWork:
    """Runs an engine over an entry's English sentences. Implements StageWork."""

    stage = Stage.SUMMARIZATION

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def run(self, stage_input: StageInput) -> StageResult:
        """Raises PermanentError if there is no transcript."""
        if stage_input.transcript is None:
            raise PermanentError("the entry has no transcript", code="transcript_missing")
        transcript = stage_input.transcript
        marked = with_languages(transcript.segments or segments(transcript.text), transcript.language)
        understood = Understood(marked)
        reason = why_not_read(marked)
        summary: Summary | None = None
        if reason is None:
            arc = understood.arc_of_sentences(stage_input.arc) if stage_input.arc else None
            summary = self._engine.summarize([Text(understood.segments, arc)], progress=stage_input.progress)
            summary = of_entry(summary, understood)
        return StageResult(
            engine=self._engine.name,
            model_version=self._engine.version,
            findings=EntryFindings(summary=summary),
            empty_reason=reason,
        )
