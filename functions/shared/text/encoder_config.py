"""The configuration of an encoder: its outputs, its heads, and how they judge a whole entry."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

Positive = Annotated[int, Meta(ge=1)]
Length = Annotated[int, Meta(ge=3)]


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """The graph's embedding output, and its width."""

    output: str
    dimensions: Positive


class HeadInput(StrEnum):
    """The texts from which a head judges a whole entry."""

    SENTENCES = "sentences"
    """Each sentence."""
    PASSAGES = "passages"
    """Passages of as many sentences as fit into `Head.passage`; most entries are a single passage."""
    BOTH = "both"
    """Sentences and passages: a passage has the context, a sentence what its neighbors would mask."""


class Aggregation(StrEnum):
    """How the probabilities p of an entry's parts, with word counts w, become those of the whole entry."""

    MEAN = "mean"
    """Mean of p, weighted by w."""
    PEAK = "peak"
    """Maximum of p."""
    HALF = "half"
    """Halfway between `MEAN` and `PEAK`."""
    NOISY_OR = "noisy-or"
    """1 - Π(1 - p): at least one part, if parts were independent."""
    LOGIT_MEAN = "logit-mean"
    """Mean of the logits, weighted by w."""
    ODDS_MEAN = "odds-mean"
    """Mean of the odds: log-mean-exp of the logits, a soft maximum."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """A multi-label classifier on the encoder, with one label, threshold and temperature per logit.

    Attributes:
        reads, aggregation: how it judges an entry of several sentences; for the measurements see
            docs/decisions/0008-entry-level-emotions.md.
        passage: the maximum length of a passage in tokens, special ones included, within the encoder's
            `max_length`.
        alone: the maximum length of a text judged in one pass, in tokens, special ones included. Longer
            texts, unlike those the head was trained on, are judged as entries. None: `max_length`.
    """

    output: str
    labels: tuple[str, ...]
    thresholds: tuple[Annotated[float, Meta(ge=0.0, le=1.0)], ...]
    temperatures: tuple[Annotated[float, Meta(gt=0.0)], ...]
    reads: HeadInput = HeadInput.BOTH
    aggregation: Aggregation = Aggregation.PEAK
    passage: Length = 64
    alone: Length | None = None

    def __post_init__(self) -> None:
        if not len(self.labels) == len(self.thresholds) == len(self.temperatures):
            raise ValueError("labels, thresholds and temperatures must have the same length")

    def probabilities(self, logits: Floats) -> Floats:
        """Calibrated probabilities (n, labels) of `logits`; labels are independent."""
        import numpy as np

        scaled = logits / np.asarray(self.temperatures, dtype=np.float32)
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * scaled)), dtype=np.float32)

    def above_threshold(self, row: Floats) -> list[tuple[str, float]]:
        """The labels of one text (labels,) that reach their thresholds, most probable first."""
        labeled = zip(self.labels, row.tolist(), self.thresholds, strict=True)
        passed = [
            (label, round(probability, 4))
            for label, probability, threshold in labeled
            if probability >= threshold
        ]
        return sorted(passed, key=lambda scored: -scored[1])


class EncoderConfig(msgspec.Struct, frozen=True, kw_only=True):
    """An encoder's `config.json`.

    Attributes:
        max_length: the maximum length of a text in tokens, special ones included.
        batch: the maximum number of texts per run, such that no result depends on the other texts.
    """

    name: str
    version: str
    max_length: Length
    batch: Positive = 1
    embedding: Output
    heads: dict[str, Head]
