"""The emotion stage: a transcript to its arc and to what the entry expresses."""

from __future__ import annotations

import msgspec

from functions.emotion.arc import trace
from functions.emotion.model import EmotionModel
from functions.shared.entries import Arc, EmptyReason, Stage, Transcript
from functions.shared.errors import PermanentError
from functions.shared.language import detect, why_not_understood
from functions.shared.sentences import segments
from functions.shared.work import Findings, Job, StageResult


class EmotionWork:
    """Runs the model over an entry's sentences. Implements StageWork."""

    stage = Stage.EMOTION

    def __init__(self, model: EmotionModel) -> None:
        self._model = model

    def run(self, job: Job) -> StageResult:
        """Raises PermanentError when there is no transcript."""
        if job.transcript is None:
            raise PermanentError("the entry has no transcript", code="transcript_missing")
        language = detect(job.transcript.text) or job.transcript.language
        reason = why_not_understood(job.transcript.text)
        if reason:
            nothing = Findings(emotions=(), feelings=(), topics=(), language=language)
            return self._result(nothing, Arc(), reason)
        return self._read(job, job.transcript, language)

    def _read(self, job: Job, transcript: Transcript, language: str | None) -> StageResult:
        spoken = transcript.segments or segments(transcript.text)
        reading = trace(self._model, spoken, progress=job.progress)
        findings = Findings(**msgspec.structs.asdict(reading.whole), language=language)
        return self._result(findings, reading.arc)

    def _result(self, findings: Findings, arc: Arc, reason: EmptyReason | None = None) -> StageResult:
        return StageResult(
            engine=self._model.name,
            model_version=self._model.version,
            findings=findings,
            pieces=(arc,),
            empty_reason=reason,
        )
