"""Confusion between labels of a multi-label model: false positives given a true label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from build.evaluation.metrics import Bools, Floats
from build.evaluation.records import Confusion

_DECIMALS = 4


def label_confusion(decisions: Sequence[Bools], truth: Bools) -> Confusion:
    """Shares (labels, labels), mean over the sets of decisions (n, labels); 0 where undefined."""
    present, absent = truth.astype(np.float64), (~truth).astype(np.float64)
    false_positives = np.mean([predicted & ~truth for predicted in decisions], axis=0)
    return Confusion(
        mistaken=_shares(present.T @ false_positives, present.T @ absent),
        together=_shares(present.T @ present, present.sum(axis=0)[:, None] * np.ones(truth.shape[1])),
        anywhere=_shares(false_positives.sum(axis=0)[None], absent.sum(axis=0)[None])[0],
    )


def _shares(counts: Floats, totals: Floats) -> list[list[float]]:
    shares = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    return [[float(value) for value in row] for row in np.round(shares, _DECIMALS)]
