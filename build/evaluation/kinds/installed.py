"""The installed models as readers of the test sets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from build.evaluation.kinds.scoring import EntryReading, Reads
from functions.emotion.model import EmotionModel
from functions.emotion.reader import READER, JournalReader
from functions.shared.domain.labels import NEUTRAL
from functions.shared.runtime.onnx import CONFIG
from functions.shared.text.encoder import ENCODER


def installed(models: Path) -> dict[str, Reads]:
    """By name and version: the text encoder, and the journal reader if it is installed.

    Raises:
        ArtifactError: a model is missing or incompatible.
    """
    encoder = EmotionModel.load(models / ENCODER)
    found: dict[str, Reads] = {f"{encoder.name} {encoder.version}": _with_encoder(encoder)}
    if (models / READER / CONFIG).is_file():
        reader = JournalReader.load(models / READER)
        found[f"{reader.config.name} {reader.config.version}"] = _with_reader(reader)
    return found


def _with_encoder(model: EmotionModel) -> Reads:
    def read(sentences: Sequence[str]) -> EntryReading:
        entry = model.classify_entry(sentences)
        named = [[score.emotion for score in point.emotions] for point in entry.arc.points]
        return _reading(named, entry.whole.sentiment)

    return read


def _with_reader(reader: JournalReader) -> Reads:
    def read(sentences: Sequence[str]) -> EntryReading:
        reading = reader.read(sentences)
        named = [[label for label, _ in sentence.emotions] for sentence in reading.sentences]
        return _reading(named, reading.mood)

    return read


def _reading(named: Sequence[Sequence[str]], mood: float) -> EntryReading:
    """A sentence is neutral only if it shows no other emotion."""
    emotions = [[label for label in labels if label != NEUTRAL] or [NEUTRAL] for labels in named]
    return EntryReading([labels[0] for labels in emotions], [frozenset(labels) for labels in emotions], mood)
