"""The extractive engine: a note's emotional core in one to three of its own sentences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Self

import msgspec
from msgspec import Meta

from functions.shared.encoder import TextEncoder, load_encoder
from functions.shared.entries import Arc, Quote, Segment, Summary
from functions.shared.onnx import read_config
from functions.summarization.features import Weights, content, features, only_fillers, words
from functions.summarization.selection import select

Positive = Annotated[int, Meta(ge=1)]


class ExtractiveConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The engine's `config.json`; all lengths count words."""

    name: str
    version: str
    max_sentences: Positive
    max_words: Positive
    """For `max_sentences` together. A further sentence must fit; the first always does."""
    short_note_words: Positive
    """A note up to this long is its own summary."""
    redundancy: float
    """What likeness to a sentence already chosen costs."""
    weights: Weights


class ExtractiveEngine:
    """Scores each sentence by a weighted sum of features and picks few that differ. Implements Engine."""

    def __init__(self, config: ExtractiveConfig, encoder: TextEncoder) -> None:
        self._config = config
        self._encoder = encoder

    @classmethod
    def load(cls, folder: Path, encoder_folder: Path, threads: int = 1) -> Self:
        """Raises ArtifactError when a file is missing or does not fit."""
        return cls(read_config(folder, ExtractiveConfig), load_encoder(encoder_folder, threads))

    @property
    def name(self) -> str:
        return self._config.name

    @property
    def version(self) -> str:
        return self._config.version

    def summarize(
        self,
        segments: Sequence[Segment],
        *,
        arc: Arc | None = None,  # noqa: ARG002 - the encoder's own pass also has what is below threshold
        max_sentences: int | None = None,
    ) -> Summary:
        limit = max_sentences or self._config.max_sentences
        chosen = self._choose([segment.text for segment in segments], limit)
        quotes = tuple(_quote(segments, index) for index in sorted(chosen))
        return Summary(text=" ".join(quote.text for quote in quotes), engine=self.name, quotes=quotes)

    def _choose(self, texts: Sequence[str], limit: int) -> list[int]:
        """Which sentences to quote; those of fillers alone only where there is nothing else."""
        spoken = [words(text) for text in texts]
        telling = [index for index, sentence in enumerate(spoken) if not only_fillers(sentence)]
        candidates = telling or list(range(len(texts)))
        lengths = [len(spoken[index]) for index in candidates]
        if len(candidates) <= limit and sum(lengths) <= self._config.short_note_words:
            return candidates
        rows = self._select([texts[index] for index in candidates], limit)
        return [candidates[row] for row in rows]

    def _select(self, texts: Sequence[str], limit: int) -> list[int]:
        config = self._config
        sentences = [words(text) for text in texts]
        table = features(texts, sentences, self._encoder)
        return select(
            (table @ config.weights.vector()).tolist(),
            [content(sentence) for sentence in sentences],
            [len(sentence) for sentence in sentences],
            limit=limit,
            budget=config.max_words * limit // config.max_sentences,
            redundancy=config.redundancy,
        )


def _quote(segments: Sequence[Segment], index: int) -> Quote:
    segment = segments[index]
    return Quote(text=segment.text, segment=index, start=segment.start, end=segment.end)
