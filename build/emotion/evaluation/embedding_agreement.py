"""Agreement of the embedding with the base model's: whether search would still find the same texts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr

Floats = npt.NDArray[np.floating]

PAIRS = 2000
NEIGHBOURS = 10


def compare(embeddings: Floats, original: Floats, seed: int) -> dict[str, float]:
    """Agreement of two embeddings of the same texts, both (n, width) and normalized.

    Spearman's rank correlation of the cosine similarities of ``PAIRS`` pairs: random pairs; and pairs of
    which half are a text and one of its ten nearest neighbours in the original. And the share of the ten
    nearest neighbours that are the same, which matters for search.
    """
    random = np.random.default_rng(seed)
    neighbours = _nearest_neighbours(original)
    first = random.integers(len(embeddings), size=PAIRS)
    second = (first + random.integers(1, len(embeddings), size=PAIRS)) % len(embeddings)
    neighbour = neighbours[first, random.integers(neighbours.shape[1], size=PAIRS)]
    return {
        "rank correlation, random pairs": _rank_correlation(embeddings, original, first, second),
        "rank correlation, half of the pairs neighbours": _rank_correlation(
            embeddings, original, first, np.where(np.arange(PAIRS) % 2 == 0, second, neighbour)
        ),
        f"share of the {neighbours.shape[1]} nearest neighbours kept": _overlap(
            neighbours, _nearest_neighbours(embeddings)
        ),
    }


def _rank_correlation(
    embeddings: Floats, original: Floats, first: npt.NDArray[np.intp], second: npt.NDArray[np.intp]
) -> float:
    cosines = [(vectors[first] * vectors[second]).sum(axis=1) for vectors in (embeddings, original)]
    return float(spearmanr(*cosines).statistic)


def _nearest_neighbours(vectors: Floats) -> npt.NDArray[np.intp]:
    """Each row's nearest neighbours (n, at most ten)."""
    cosines = vectors.astype(np.float32) @ vectors.astype(np.float32).T
    np.fill_diagonal(cosines, -2.0)
    return np.argsort(-cosines, axis=1)[:, : min(NEIGHBOURS, len(vectors) - 1)]


def _overlap(neighbours: npt.NDArray[np.intp], others: npt.NDArray[np.intp]) -> float:
    return float(
        np.mean([len(np.intersect1d(a, b)) / len(a) for a, b in zip(neighbours, others, strict=True)])
    )
