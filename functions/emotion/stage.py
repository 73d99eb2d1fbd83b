"""The emotion stage: a transcript to its emotion arc, its classification and its embedding for search."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from functions.emotion.model import EmotionModel
from functions.emotion.reader import JournalReader, Reading
from functions.emotion.reader_config import ReaderConfig
from functions.shared.domain.content import (
    Arc,
    ArcPoint,
    Embedding,
    EmotionScore,
    EmptyReason,
    LabelScore,
    Transcript,
)
from functions.shared.domain.entries import Stage
from functions.shared.domain.stage_work import EntryFindings, ReportProgress, StageInput, StageResult
from functions.shared.domain.understood import Understood
from functions.shared.errors import PermanentError
from functions.shared.text.language import detect_language, why_not_understood
from functions.shared.text.sentences import segments


class EmotionWork:
    """Reads an entry's sentences. Implements StageWork.

    Args:
        model: embeds entries and, without a reader, classifies them sentence by sentence.
        reader: reads entries as a whole.
    """

    stage = Stage.EMOTION

    def __init__(self, model: EmotionModel, reader: JournalReader | None = None) -> None:
        self._model = model
        self._reader = reader

    def run(self, stage_input: StageInput) -> StageResult:
        """Raises PermanentError if there is no transcript."""
        if stage_input.transcript is None:
            raise PermanentError("the entry has no transcript", code="transcript_missing")
        understood = Understood(stage_input.transcript.segments)
        text = stage_input.transcript.text if understood.is_all else understood.text
        language = detect_language(text) or stage_input.transcript.language
        reason = why_not_understood(text)
        if reason:
            embedding = self._model.embed([])
            findings = EntryFindings(
                emotions=(), feelings=(), topics=(), language=language, embedding_model=embedding.model
            )
            return self._result(findings, Arc(), embedding, reason)
        return self._classify(stage_input, stage_input.transcript, language)

    def _classify(self, stage_input: StageInput, transcript: Transcript, language: str | None) -> StageResult:
        understood = Understood(transcript.segments or segments(transcript.text))
        sentences = [segment.text for segment in understood.segments]
        findings, arc = self._findings(sentences, stage_input.progress)
        arc = self._with_kept(understood.arc(arc), stage_input)
        embedding = understood.embedding(self._model.embed(sentences))
        findings = msgspec.structs.replace(findings, language=language, embedding_model=embedding.model)
        return self._result(findings, arc, embedding)

    def _with_kept(self, arc: Arc, stage_input: StageInput) -> Arc:
        """The arc with the points that an edit left, unless they are of another model."""
        record = stage_input.entry.stage(self.stage)
        by = self._read_by
        if stage_input.arc is None or (record.engine, record.model_version) != (by.name, by.version):
            return arc
        kept = {point.segment: point for point in stage_input.arc.points}
        return Arc(points=tuple(kept.get(point.segment, point) for point in arc.points))

    @property
    def _read_by(self) -> EmotionModel | ReaderConfig:
        return self._model if self._reader is None else self._reader.config

    def _findings(self, sentences: Sequence[str], progress: ReportProgress) -> tuple[EntryFindings, Arc]:
        if self._reader is not None:
            reading = self._reader.read(sentences, progress=progress)
            support = reading.support >= self._reader.config.support
            return _findings_of(reading, support=support), _arc_of(reading)
        entry = self._model.classify_entry(sentences, progress=progress)
        return EntryFindings(**msgspec.structs.asdict(entry.whole)), entry.arc

    def _result(
        self, findings: EntryFindings, arc: Arc, embedding: Embedding, reason: EmptyReason | None = None
    ) -> StageResult:
        by = self._read_by
        return StageResult(
            engine=by.name,
            model_version=by.version,
            findings=findings,
            pieces=(arc, embedding),
            empty_reason=reason,
        )


def _findings_of(reading: Reading, *, support: bool) -> EntryFindings:
    return EntryFindings(
        emotions=tuple(EmotionScore(emotion=name, confidence=value) for name, value in reading.emotions),
        feelings=tuple(LabelScore(label=name, confidence=value) for name, value in reading.feelings),
        topics=tuple(LabelScore(label=name, confidence=value) for name, value in reading.topics),
        sentiment=reading.mood,
        certain=reading.certain,
        support=support,
    )


def _arc_of(reading: Reading) -> Arc:
    points = (
        ArcPoint(
            segment=index,
            emotions=tuple(EmotionScore(emotion=name, confidence=value) for name, value in sentence.emotions),
            sentiment=sentence.sentiment,
            core=sentence.core,
            avoid=sentence.avoid,
        )
        for index, sentence in enumerate(reading.sentences)
    )
    return Arc(points=tuple(points))
