"""The emotion model: text to emotions and, if its encoder has heads for them, feelings and topics."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

import msgspec

from functions.emotion.aggregate import aggregate, word_counts
from functions.emotion.sentiment import valence
from functions.shared.domain.content import Arc, ArcPoint, Embedding, EmotionScore, LabelScore
from functions.shared.domain.labels import NEUTRAL
from functions.shared.domain.stage_work import ReportProgress, no_progress
from functions.shared.text.embedding import embed
from functions.shared.text.emoji import in_words
from functions.shared.text.encoder import EncoderOutput, HeadInput, TextEncoder, load_encoder
from functions.shared.text.passages import passages
from functions.shared.text.plain import plain
from functions.shared.text.sentences import split

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    ByHead = Mapping[str, Floats]
    """Calibrated probabilities by head: (n, labels) of n texts or (labels,) of one."""

EMOTIONS, FEELINGS, TOPICS = "emotions", "feelings", "topics"
_LETTER = re.compile(r"[^\W\d_]")


class Classification(msgspec.Struct, frozen=True, kw_only=True):
    """What a text expresses: labels above their thresholds, most probable first; sentiment in -1..1."""

    emotions: tuple[EmotionScore, ...]
    feelings: tuple[LabelScore, ...]
    topics: tuple[LabelScore, ...]
    sentiment: float


class EntryClassification(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry expresses: sentence by sentence, and as a whole."""

    arc: Arc
    whole: Classification


class EntryProbabilities(NamedTuple):
    """Emotions (n, labels) of an entry's n sentences, and every head's probabilities for the whole entry."""

    sentences: Floats
    whole: ByHead


class EmotionModel:
    """Classifies text with the shared text encoder; may be called from several threads.

    If the encoder has no head for feelings or topics, there are none.
    """

    def __init__(self, encoder: TextEncoder) -> None:
        encoder.head(EMOTIONS)
        self._encoder = encoder
        heads = encoder.config.heads
        self._heads = {name: heads[name] for name in (EMOTIONS, FEELINGS, TOPICS) if name in heads}

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> Self:
        """The model in `folder`. Raises ArtifactError if a file is missing or incompatible."""
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
        """The emotions of each text above their thresholds, most probable first."""
        return [self._emotion_scores(row) for row in self.probabilities(texts)]

    def classify(self, texts: Sequence[str]) -> list[Classification]:
        """Emotions, feelings, topics and sentiment of each text."""
        probabilities = self._predict(texts)
        return [
            self._classification({name: rows[index] for name, rows in probabilities.items()})
            for index in range(len(texts))
        ]

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Calibrated probabilities (n, labels) of the emotions."""
        return self._predict(texts)[EMOTIONS]

    def embed(self, sentences: Sequence[str]) -> Embedding:
        """The embedding of an entry, for search."""
        return embed(self._encoder, sentences)

    def classify_entry(
        self, sentences: Sequence[str], *, progress: ReportProgress = no_progress
    ) -> EntryClassification:
        """Classify an entry of at least one sentence."""
        probabilities = self.entry_probabilities(sentences, progress=progress)
        points = (
            ArcPoint(segment=index, emotions=self._emotion_scores(row), sentiment=self._sentiment(row))
            for index, row in enumerate(probabilities.sentences)
        )
        return EntryClassification(
            arc=Arc(points=tuple(points)), whole=self._classification(probabilities.whole)
        )

    def entry_probabilities(
        self, sentences: Sequence[str], *, progress: ReportProgress = no_progress
    ) -> EntryProbabilities:
        """Probabilities of an entry of at least one sentence.

        Each head judges the whole entry from its sentences or from its passages, as its configuration says.
        """
        parts = {name: self._parts(name, sentences) for name in self._heads}
        texts = list(dict.fromkeys([*sentences, *(text for texts in parts.values() for text in texts)]))
        row_of = {text: index for index, text in enumerate(texts)}
        rows = self._rows(texts, self._encode(texts, progress))
        whole = {
            name: aggregate(
                rows[name][[row_of[text] for text in texts]],
                word_counts(texts),
                self._heads[name].aggregation,
            )
            for name, texts in parts.items()
        }
        return EntryProbabilities(rows[EMOTIONS][[row_of[text] for text in sentences]], whole)

    def _classification(self, row: ByHead) -> Classification:
        """From the probabilities (labels,) of one text, by head."""
        return Classification(
            emotions=self._emotion_scores(row[EMOTIONS]),
            feelings=self._label_scores(FEELINGS, row),
            topics=self._label_scores(TOPICS, row),
            sentiment=self._sentiment(row[EMOTIONS]),
        )

    def _emotion_scores(self, row: Floats) -> tuple[EmotionScore, ...]:
        passed = self._heads[EMOTIONS].above_threshold(row)
        return tuple(EmotionScore(emotion=label, confidence=probability) for label, probability in passed)

    def _label_scores(self, head: str, row: ByHead) -> tuple[LabelScore, ...]:
        passed = self._heads[head].above_threshold(row[head]) if head in self._heads else []
        return tuple(LabelScore(label=label, confidence=probability) for label, probability in passed)

    def _sentiment(self, row: Floats) -> float:
        return round(float(valence(row, self.labels)), 4)

    def _predict(self, texts: Sequence[str]) -> ByHead:
        """Probabilities of each text. If a text is too long for a head, the head judges it as an entry."""
        encoded = self._encode(texts)
        rows = self._rows(texts, encoded)
        too_long = {name: _longer(encoded, head.alone) for name, head in self._heads.items()}
        for index in range(len(texts)):
            heads = [name for name, flags in too_long.items() if flags[index]]
            if heads and len(sentences := split(texts[index])) > 1:
                whole = self.entry_probabilities(sentences).whole
                for name in heads:
                    rows[name][index] = whole[name]
        return rows

    def _encode(self, texts: Sequence[str], progress: ReportProgress = no_progress) -> EncoderOutput:
        return self._encoder.encode([plain(text) for text in texts], progress=progress)

    def _rows(self, texts: Sequence[str], encoded: EncoderOutput) -> ByHead:
        """Probabilities of encoded texts. Where words alone are neutral or missing, emoji are read as words.

        Reading every emoji as words would drown what the words say: GoEmotions macro-F1 falls by .011.
        """
        rows = self._calibrated(encoded)
        neutral = rows[EMOTIONS].argmax(axis=-1) == (
            self.labels.index(NEUTRAL) if NEUTRAL in self.labels else -1
        )
        said = [in_words(plain(text)) for text in texts]
        quiet = [
            index
            for index, text in enumerate(texts)
            if said[index] != plain(text) and (neutral[index] or not _LETTER.search(text))
        ]
        if quiet:
            spoken = self._calibrated(self._encoder.encode([said[index] for index in quiet]))
            for name, row in rows.items():
                row[quiet] = spoken[name]
        return rows

    def _calibrated(self, encoded: EncoderOutput) -> ByHead:
        return {name: head.probabilities(encoded.heads[name]) for name, head in self._heads.items()}

    def _parts(self, name: str, sentences: Sequence[str]) -> Sequence[str]:
        """The texts from which a head judges an entry."""
        reads = self._heads[name].reads
        if reads is HeadInput.SENTENCES:
            return sentences
        encoder = self._encoder
        whole = passages(sentences, encoder.token_counts(sentences), encoder.token_budget(name))
        return whole if reads is HeadInput.PASSAGES else list(dict.fromkeys([*sentences, *whole]))


def _longer(encoded: EncoderOutput, max_tokens: int | None) -> Sequence[bool]:
    """Which texts (n,) were longer than `max_tokens`, or than the encoder's input."""
    flags: list[bool] = (encoded.truncated if max_tokens is None else encoded.tokens > max_tokens).tolist()
    return flags
