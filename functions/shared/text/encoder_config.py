"""What an encoder's artifact says of itself: its outputs, its heads, and how an entry is judged by them."""

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
    """Where the graph puts the embedding, and how wide it is."""

    output: str
    dimensions: Positive


class HeadInput(StrEnum):
    """What a head is asked about when a whole entry is to be judged."""

    SENTENCES = "sentences"
    """Each sentence by itself."""
    PASSAGES = "passages"
    """As many sentences at once as fit into `Head.passage`; most entries are a single passage."""
    BOTH = "both"
    """Each sentence and each passage: a passage has the context, a sentence what others would drown."""


class Aggregation(StrEnum):
    """How the parts of an entry, p with word counts w, become the whole. One part is itself the whole."""

    MEAN = "mean"
    """Mean of p by w."""
    PEAK = "peak"
    """Largest p."""
    HALF = "half"
    """Halfway between `MEAN` and `PEAK`."""
    NOISY_OR = "noisy-or"
    """1 - Π(1 - p): at least one part, if parts were independent."""
    LOGIT_MEAN = "logit-mean"
    """Mean of the logits by w."""
    ODDS_MEAN = "odds-mean"
    """Mean of the odds: log-mean-exp of the logits, a soft maximum."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """A multi-label classifier on the encoder: one label, threshold and temperature a logit.

    Attributes:
        reads, aggregation: how it judges an entry of several sentences; measured, see
            docs/decisions/0008-an-entry-as-a-whole.md.
        passage: tokens of the longest passage, special ones included; the encoder's `max_length` holds too.
        alone: tokens of the longest text judged in one pass, special ones included; longer ones, unlike what
            the head has learned from, are judged as entries. None: all that the encoder reads at once.
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
            raise ValueError("labels, thresholds and temperatures must be equally many")

    def probabilities(self, logits: Floats) -> Floats:
        """Calibrated probabilities of `logits` (n, labels), each label on its own."""
        import numpy as np

        scaled = logits / np.asarray(self.temperatures, dtype=np.float32)
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * scaled)), dtype=np.float32)

    def above_threshold(self, row: Floats) -> list[tuple[str, float]]:
        """Labels and probabilities of one text (labels,) that pass their thresholds, surest first."""
        named = zip(self.labels, row.tolist(), self.thresholds, strict=True)
        found = [(label, round(chance, 4)) for label, chance, least in named if chance >= least]
        return sorted(found, key=lambda each: -each[1])


class EncoderConfig(msgspec.Struct, frozen=True, kw_only=True):
    """An encoder's `config.json`.

    Attributes:
        max_length: tokens, special ones included.
        batch: how many texts the graph may take at once without one's answer depending on the others.
    """

    name: str
    version: str
    max_length: Length
    batch: Positive = 1
    embedding: Output
    heads: dict[str, Head]
