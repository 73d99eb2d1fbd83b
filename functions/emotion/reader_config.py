"""The configuration of the journal reader: its labels, and how logits become probabilities and decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

Probability = Annotated[float, Meta(ge=0.0, le=1.0)]
Length = Annotated[int, Meta(ge=3)]


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """Platt scaling: the probability of a logit x is the sigmoid of `scale` * x + `offset`."""

    scale: Annotated[float, Meta(gt=0.0)] = 1.0
    offset: float = 0.0

    def probabilities(self, logits: Floats) -> Floats:
        import numpy as np

        scaled = self.scale * logits + self.offset
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * scaled)), dtype=np.float32)


class Labels(msgspec.Struct, frozen=True, kw_only=True):
    """A multi-label output. Named are the most probable labels above the threshold, at most `limit`."""

    names: tuple[str, ...]
    threshold: Probability
    limit: Annotated[int, Meta(ge=1)]
    calibration: Calibration = Calibration()


class ReaderConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The reader's `config.json`.

    Attributes:
        max_length: the longest window in tokens, special ones included.
        max_sentence: tokens of a sentence that are read.
        emotions, feelings, topics: of the whole entry.
        sentence_emotions: of each sentence.
        primary: temperature of the distribution over the entry's first emotion.
        certain: the probability of the first emotion from which the reading is certain.
        mood: added to the mood, so that negative entries are below 0 and positive ones above.
        core, avoid: of each sentence.
        support: the threshold from which support is offered.
    """

    name: str
    version: str
    max_length: Length
    max_sentence: Length
    emotions: Labels
    feelings: Labels
    topics: Labels
    sentence_emotions: Labels
    primary: Annotated[float, Meta(gt=0.0)] = 1.0
    certain: Probability
    mood: float = 0.0
    core: Calibration = Calibration()
    avoid: Calibration = Calibration()
    support: Probability

    def __post_init__(self) -> None:
        if self.emotions.names != self.sentence_emotions.names:
            raise ValueError("sentences and entries must have the same emotions")
