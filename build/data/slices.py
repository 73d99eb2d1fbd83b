"""Named slices of a dataset: by length, intensity of sentiment, number of labels, and domain.

The bounds are fixed, so that a slice means the same in every dataset. The length bounds are the terciles of
GoEmotions' training texts (8 and 16 words) and 40 words, which only journal entries exceed. The intensity of
sentiment is VADER's absolute compound score (Hutto and Gilbert 2014,
https://doi.org/10.1609/icwsm.v8i1.14550). It is computed from the words alone, so unlike the labels' own
polarity it does not leak the labels that a slice is scored on. VADER's authors call scores below 0.05
neutral; 0.5 halves the rest of GoEmotions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from build.data.dataset import Dataset

Mask = npt.NDArray[np.bool_]

LENGTHS = {
    "short (up to 8 words)": (0, 9),
    "medium (9 to 16 words)": (9, 17),
    "long (17 to 40 words)": (17, 41),
    "very long (over 40 words)": (41, np.inf),
}
INTENSITIES = {"neutral wording": (0.0, 0.05), "mild wording": (0.05, 0.5), "strong wording": (0.5, np.inf)}
LABELS = {"no label": (0, 1), "one label": (1, 2), "two labels": (2, 3), "three labels or more": (3, np.inf)}


def slices(dataset: Dataset, domains: Sequence[str] | None = None) -> dict[str, Mask]:
    """Name → row mask (n,) of each non-empty slice; ``domains`` are the source domains of the texts."""
    words = np.asarray([len(text.split()) for text in dataset.texts])
    masks = {
        **_between(words, LENGTHS),
        **_between(intensity(dataset.texts), INTENSITIES),
        **_between(dataset.targets.sum(axis=1), LABELS),
    }
    if domains is not None:
        if len(domains) != len(dataset.texts):
            raise ValueError(f"{len(domains)} domains for {len(dataset.texts)} texts")
        names = np.asarray(domains)
        masks |= {f"from {name}": names == name for name in dict.fromkeys(domains)}
    return {name: masks[name] for name in masks if masks[name].any()}


def intensity(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """How strongly each text is worded (n,), from 0 to 1, positive or negative."""
    analyzer = SentimentIntensityAnalyzer()
    return np.asarray([abs(analyzer.polarity_scores(text)["compound"]) for text in texts], dtype=np.float64)


def _between(values: npt.NDArray[np.generic], bounds: Mapping[str, tuple[float, float]]) -> dict[str, Mask]:
    """A mask for each half-open interval."""
    numbers = values.astype(np.float64)
    return {name: (low <= numbers) & (numbers < high) for name, (low, high) in bounds.items()}
