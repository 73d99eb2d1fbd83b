"""Reads entries as the product does: emotion stage, then extractive summary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from build.data.journal.entries import Entry
from build.insight.scores import Reading
from functions.emotion.model import EmotionModel
from functions.emotion.reader import JournalReader
from functions.emotion.stage import EmotionWork
from functions.shared.domain import creation
from functions.shared.domain.content import Arc, Segment, Transcript
from functions.shared.domain.entries import EntryKey
from functions.shared.domain.labels import NEUTRAL
from functions.shared.domain.stage_work import EntryFindings, StageInput
from functions.shared.text.encoder import ENCODER
from functions.summarization.engine import Engine, Text
from functions.summarization.extracts.engine import ExtractiveEngine
from functions.summarization.service import EXTRACTIVE

_KEY = EntryKey("evaluation", "entry")
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Product:
    """The emotion and summarization stages with the models in a folder.

    Args:
        models: a folder with the text encoder and the extractive summarizer.
        reader: the folder of a journal reader; None reads entries with the text encoder.
    """

    def __init__(self, models: Path, reader: Path | None, threads: int = 2) -> None:
        self._emotion = EmotionWork(
            EmotionModel.load(models / ENCODER, threads),
            JournalReader.load(reader, threads) if reader else None,
        )
        self._summaries: Engine = ExtractiveEngine.load(models / EXTRACTIVE, models / ENCODER, threads)

    def read(self, entry: Entry) -> Reading:
        """What the product says about an entry, whose sentences it is given as segments."""
        segments = tuple(Segment(text=sentence) for sentence in entry.sentences)
        transcript = Transcript(text=" ".join(entry.sentences), segments=segments, language="en")
        stage_input = StageInput(entry=creation.create_text_entry(_KEY, _NOW), transcript=transcript)
        result = self._emotion.run(stage_input)
        arc = next(piece for piece in result.pieces if isinstance(piece, Arc))
        summary = self._summaries.summarize([Text(segments, arc)])
        return _reading(result.findings, arc, [quote.segment for quote in summary.quotes], len(segments))


def majority(entry: Entry) -> Reading:
    """The most common answer to everything, and the first two sentences as quotes."""
    return Reading(
        "joy", {"joy"}, {"happy"}, {"family"}, 1.0, [set() for _ in entry.sentences], {0, 1}, support=False
    )


def _reading(findings: EntryFindings, arc: Arc, quotes: Sequence[int], sentences: int) -> Reading:
    emotions = [score.emotion for score in findings.emotions or ()]
    named: list[set[str]] = [set() for _ in range(sentences)]
    for point in arc.points:
        named[point.segment] = {score.emotion for score in point.emotions}
    return Reading(
        first=next((emotion for emotion in emotions if emotion != NEUTRAL), NEUTRAL),
        emotions=emotions,
        feelings=[score.label for score in findings.feelings or ()],
        topics=[score.label for score in findings.topics or ()],
        mood=findings.sentiment or 0.0,
        sentences=named,
        quotes=quotes,
        support=bool(findings.support),
    )
