"""The emotion stage: a transcript to its emotion arc, its classification and its embedding for search."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from functions.emotion.model import EmotionModel
from functions.emotion.reader import JournalReader, Reading
from functions.emotion.reader_config import ReaderConfig
from functions.shared.domain.content import (
    Arc,
    ArcPoint,
    EmotionScore,
    EmptyReason,
    LabelScore,
    Piece,
)
from functions.shared.domain.entries import Stage
from functions.shared.domain.stage_work import EntryFindings, ReportProgress, StageInput, StageResult
from functions.shared.domain.understood import Understood
from functions.shared.errors import PermanentError
from functions.shared.text.language import main_language, why_not_read, with_languages
from functions.shared.text.sentences import segments
from functions.shared.text.words import opening, unembedded_words

_NOTHING = EntryFindings(emotions=(), feelings=(), topics=())


class EmotionWork:
    """Reads an entry's English sentences, and marks the others with their language. Implements StageWork.

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
        stored = stage_input.transcript
        transcript = replace(
            stored, segments=with_languages(stored.segments or segments(stored.text), stored.language)
        )
        reason = why_not_read(transcript.segments)
        understood = Understood(() if reason else transcript.segments)
        sentences = [segment.text for segment in understood.segments]
        findings, arc = _NOTHING, Arc()
        if reason is None:
            findings, found = self._findings(sentences, stage_input.progress)
            arc = self._with_kept(understood.arc(found), stage_input)
        embedding = understood.embedding(self._model.embed(sentences))
        findings = replace(
            findings,
            language=main_language(transcript.segments, stored.language),
            opening=opening(transcript.text) if reason is EmptyReason.UNSUPPORTED_LANGUAGE else None,
            words=unembedded_words(transcript.segments),
            embedding_model=embedding.model,
        )
        is_marked = any(segment.language for segment in transcript.segments)
        marked = (transcript,) if is_marked else ()
        return self._result(findings, (*marked, arc, embedding), reason)

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
        self, findings: EntryFindings, pieces: tuple[Piece, ...], reason: EmptyReason | None
    ) -> StageResult:
        by = self._read_by
        return StageResult(
            engine=by.name,
            model_version=by.version,
            findings=findings,
            pieces=pieces,
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
