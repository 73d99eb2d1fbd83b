"""The emotion model: text to emotions and, where its encoder has heads for them, feelings and topics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

import msgspec

from functions.emotion.aggregate import aggregate, word_counts
from functions.emotion.sentiment import valence
from functions.shared.domain.content import Embedding, EmotionScore, LabelScore
from functions.shared.domain.stage_work import ReportProgress, no_progress
from functions.shared.text.embedding import embed
from functions.shared.text.encoder import EncoderOutput, HeadInput, TextEncoder, load_encoder
from functions.shared.text.passages import passages
from functions.shared.text.sentences import split

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Rows = Mapping[str, Floats]
    """By head: calibrated probabilities, (n, labels) of n texts or (labels,) of one."""

EMOTIONS, FEELINGS, TOPICS = "emotions", "feelings", "topics"


class Classification(msgspec.Struct, frozen=True, kw_only=True):
    """What a text says of its writer: labels above their thresholds, surest first; sentiment in -1..1."""

    emotions: tuple[EmotionScore, ...]
    feelings: tuple[LabelScore, ...]
    topics: tuple[LabelScore, ...]
    sentiment: float


class EntryProbabilities(NamedTuple):
    """An entry's sentences, emotions (n, labels) each, and the entry as a whole."""

    sentences: Floats
    whole: Rows


class EmotionModel:
    """Reads what a text expresses off the shared text encoder; safe to call from several threads.

    An encoder without heads for feelings or topics finds none.
    """

    def __init__(self, encoder: TextEncoder) -> None:
        encoder.head(EMOTIONS)
        self._encoder = encoder
        heads = encoder.config.heads
        self._heads = {name: heads[name] for name in (EMOTIONS, FEELINGS, TOPICS) if name in heads}

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> Self:
        """The model in `folder`. Raises ArtifactError when a file is missing or does not fit."""
        return cls(load_encoder(folder, threads))

    @property
    def name(self) -> str:
        return self._encoder.config.name

    @property
    def version(self) -> str:
        return self._encoder.config.version

    @property
    def labels(self) -> tuple[str, ...]:
        return self._heads[EMOTIONS].labels

    def predict(self, texts: Sequence[str]) -> list[tuple[EmotionScore, ...]]:
        """Each text's emotions, surest first; empty where nothing passes its threshold."""
        return [self.scores(row) for row in self.probabilities(texts)]

    def classify(self, texts: Sequence[str]) -> list[Classification]:
        """All that each text expresses."""
        rows = self._read(texts)
        return [self.classification(_row(rows, index)) for index in range(len(texts))]

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Calibrated probabilities (n, labels) of the emotions."""
        return self._read(texts)[EMOTIONS]

    def embed(self, sentences: Sequence[str]) -> Embedding:
        """An entry as search compares it."""
        return embed(self._encoder, sentences)

    def entry_probabilities(
        self, sentences: Sequence[str], *, progress: ReportProgress = no_progress
    ) -> EntryProbabilities:
        """An entry of at least one sentence; `progress` hears the share done.

        Each head judges the whole from its sentences or from its passages, as its configuration says.
        """
        parts = {name: self._parts(name, sentences) for name in self._heads}
        texts = list(dict.fromkeys([*sentences, *(part for each in parts.values() for part in each)]))
        place = {text: index for index, text in enumerate(texts)}
        rows = self._rows(self._encoder.encode(texts, progress=progress))
        whole = {
            name: aggregate(
                rows[name][[place[part] for part in each]], word_counts(each), self._heads[name].aggregation
            )
            for name, each in parts.items()
        }
        return EntryProbabilities(rows[EMOTIONS][[place[text] for text in sentences]], whole)

    def classification(self, row: Rows) -> Classification:
        """What one text expresses, of its probabilities (labels,) by head."""
        return Classification(
            emotions=self.scores(row[EMOTIONS]),
            feelings=self._labelled(FEELINGS, row),
            topics=self._labelled(TOPICS, row),
            sentiment=self.sentiment(row[EMOTIONS]),
        )

    def scores(self, row: Floats) -> tuple[EmotionScore, ...]:
        """The emotions of one row of probabilities (labels,) that pass their thresholds, surest first."""
        passed = self._heads[EMOTIONS].above_threshold(row)
        return tuple(EmotionScore(emotion=label, confidence=confidence) for label, confidence in passed)

    def sentiment(self, row: Floats) -> float:
        """How pleasant one row of emotions (labels,) is, -1 to 1."""
        return round(float(valence(row, self.labels)), 4)

    def _labelled(self, name: str, row: Rows) -> tuple[LabelScore, ...]:
        passed = self._heads[name].above_threshold(row[name]) if name in self._heads else []
        return tuple(LabelScore(label=label, confidence=confidence) for label, confidence in passed)

    def _read(self, texts: Sequence[str]) -> Rows:
        """Each text by itself. A head to which one is too long judges it as it judges an entry."""
        encoded = self._encoder.encode(texts)
        rows = self._rows(encoded)
        long = {name: _longer(encoded, head.alone) for name, head in self._heads.items()}
        for index in range(len(texts)):
            asking = [name for name, flags in long.items() if flags[index]]
            if asking and len(sentences := split(texts[index])) > 1:
                whole = self.entry_probabilities(sentences).whole
                for name in asking:
                    rows[name][index] = whole[name]
        return rows

    def _rows(self, encoded: EncoderOutput) -> Rows:
        return {name: head.probabilities(encoded.heads[name]) for name, head in self._heads.items()}

    def _parts(self, name: str, sentences: Sequence[str]) -> Sequence[str]:
        """What a head reads of an entry."""
        reads = self._heads[name].reads
        if reads is HeadInput.SENTENCES:
            return sentences
        whole = passages(sentences, self._encoder.token_counts(sentences), self._encoder.token_budget(name))
        return whole if reads is HeadInput.PASSAGES else list(dict.fromkeys([*sentences, *whole]))


def _longer(encoded: EncoderOutput, most: int | None) -> Sequence[bool]:
    """Which texts (n,) were longer than `most` tokens, or than the encoder reads."""
    flags: list[bool] = (encoded.truncated if most is None else encoded.tokens > most).tolist()
    return flags


def _row(rows: Rows, index: int) -> Rows:
    return {name: table[index] for name, table in rows.items()}
