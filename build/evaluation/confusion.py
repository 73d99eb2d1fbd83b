"""Which label is taken for which, where a row may have several: false decisions given a true label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from build.evaluation.metrics import Bools, Floats
from build.evaluation.records import Confusion

_DECIMALS = 4


def label_confusion(decisions: Sequence[Bools], truth: Bools) -> Confusion:
    """Shares (labels, labels), mean over the sets of decisions (n, labels); 0 where no row can tell."""
    given, absent = truth.astype(np.float64), (~truth).astype(np.float64)
    wrong = np.mean([each & ~truth for each in decisions], axis=0)
    return Confusion(
        mistaken=_shares(given.T @ wrong, given.T @ absent),
        together=_shares(given.T @ given, given.sum(axis=0)[:, None] * np.ones(truth.shape[1])),
        anywhere=_shares(wrong.sum(axis=0)[None], absent.sum(axis=0)[None])[0],
    )


def _shares(part: Floats, whole: Floats) -> list[list[float]]:
    shares = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
    return [[float(value) for value in row] for row in np.round(shares, _DECIMALS)]
