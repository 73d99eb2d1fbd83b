"""The emotion stage: a transcript to its emotion arc, its classification and its embedding for search."""

from __future__ import annotations

import msgspec

from functions.emotion.model import EmotionModel
from functions.shared.domain.content import Arc, Embedding, EmptyReason, Transcript
from functions.shared.domain.entries import Stage
from functions.shared.domain.stage_work import EntryFindings, StageInput, StageResult
from functions.shared.errors import PermanentError
from functions.shared.text.language import detect_language, why_not_understood
from functions.shared.text.sentences import segments


class EmotionWork:
    """Runs the emotion model over an entry's sentences. Implements StageWork."""

    stage = Stage.EMOTION

    def __init__(self, model: EmotionModel) -> None:
        self._model = model

    def run(self, stage_input: StageInput) -> StageResult:
        """Raises PermanentError if there is no transcript."""
        if stage_input.transcript is None:
            raise PermanentError("the entry has no transcript", code="transcript_missing")
        language = detect_language(stage_input.transcript.text) or stage_input.transcript.language
        reason = why_not_understood(stage_input.transcript.text)
        if reason:
            embedding = self._model.embed([])
            findings = EntryFindings(
                emotions=(), feelings=(), topics=(), language=language, embedding_model=embedding.model
            )
            return self._result(findings, Arc(), embedding, reason)
        return self._classify(stage_input, stage_input.transcript, language)

    def _classify(self, stage_input: StageInput, transcript: Transcript, language: str | None) -> StageResult:
        sentences = [segment.text for segment in transcript.segments or segments(transcript.text)]
        entry = self._model.classify_entry(sentences, progress=stage_input.progress)
        embedding = self._model.embed(sentences)
        fields = msgspec.structs.asdict(entry.whole)
        findings = EntryFindings(**fields, language=language, embedding_model=embedding.model)
        return self._result(findings, entry.arc, embedding)

    def _result(
        self, findings: EntryFindings, arc: Arc, embedding: Embedding, reason: EmptyReason | None = None
    ) -> StageResult:
        return StageResult(
            engine=self._model.name,
            model_version=self._model.version,
            findings=findings,
            pieces=(arc, embedding),
            empty_reason=reason,
        )
