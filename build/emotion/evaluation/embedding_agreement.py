"""What the embedding keeps of the base model's: whether search would still find the same."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr

Floats = npt.NDArray[np.floating]

PAIRS = 2000
NEAREST = 10


def compare(ours: Floats, original: Floats, seed: int) -> dict[str, float]:
    """Agreement of two embeddings of the same texts, both (n, width) and of length one.

    Spearman's rank correlation of the cosines of ``PAIRS`` pairs: drawn at random; and half of them drawn
    among neighbours, a text with one of its ten nearest in the original. How many of the ten nearest are the
    same, which is what search is about.
    """
    random = np.random.default_rng(seed)
    near = _nearest(original)
    first = random.integers(len(ours), size=PAIRS)
    other = (first + random.integers(1, len(ours), size=PAIRS)) % len(ours)
    close = near[first, random.integers(near.shape[1], size=PAIRS)]
    return {
        "rank correlation, random pairs": _rank(ours, original, first, other),
        "rank correlation, half of the pairs near": _rank(
            ours, original, first, np.where(np.arange(PAIRS) % 2 == 0, other, close)
        ),
        f"share of the {near.shape[1]} nearest kept": _kept(near, _nearest(ours)),
    }


def _rank(ours: Floats, original: Floats, first: npt.NDArray[np.intp], second: npt.NDArray[np.intp]) -> float:
    cosines = [(each[first] * each[second]).sum(axis=1) for each in (ours, original)]
    return float(spearmanr(*cosines).statistic)


def _nearest(vectors: Floats) -> npt.NDArray[np.intp]:
    """Each row's nearest others (n, at most ten)."""
    cosines = vectors.astype(np.float32) @ vectors.astype(np.float32).T
    np.fill_diagonal(cosines, -2.0)
    return np.argsort(-cosines, axis=1)[:, : min(NEAREST, len(vectors) - 1)]


def _kept(near: npt.NDArray[np.intp], found: npt.NDArray[np.intp]) -> float:
    return float(np.mean([len(np.intersect1d(a, b)) / len(a) for a, b in zip(near, found, strict=True)]))
