"""Probabilities that mean what they say: temperatures and offsets, and how far off the probabilities are.

A temperature divides the logits (Guo et al. 2017, https://arxiv.org/abs/1706.04599); an offset shifts them
(Platt 1999). Each label has its own, drawn towards the whole head's: a label with few examples stays near it.

Shapes: ``logits``, ``probabilities`` and ``truth`` are (n, labels); ``weights`` are (draws, n), how often
each bootstrap sample takes each row, and scores then (draws,); without weights, every row once and (1,).
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from build.evaluation import platt
from build.evaluation.metrics import Bools, Floats, sigmoid

_Scores = npt.NDArray[np.float64]

FLOOR = 0.05
"""Class-wise calibration looks at probabilities above this: those below are near nought and nearly all."""
BINS = 15
DECIMALS = 4
"""Temperatures and offsets are rounded to this, so that what is fitted is exactly what ships."""
_LOWEST, _HIGHEST = 0.25, 4.0


class CalibrationConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How probabilities are calibrated."""

    shrinkage: Annotated[float, Meta(gt=0.0)] = 20.0
    """How firmly a label's slope (1 / temperature) is held to its head's, and its offset to 0."""
    offsets: bool = True
    """Shift each label's logit too (Platt scaling): training's base rates need not be those of use."""


class PlattScaling(NamedTuple):
    """Calibrated logit = logit / temperature + offset; both (labels,)."""

    temperatures: npt.NDArray[np.float64]
    offsets: npt.NDArray[np.float64]

    def probabilities(self, logits: Floats) -> npt.NDArray[np.float64]:
        """Calibrated probabilities of logits (n, labels)."""
        return sigmoid(logits / self.temperatures + self.offsets)

    def shifts(self) -> npt.NDArray[np.float64]:
        """What to add to the model's own logits, so that temperatures alone do the rest."""
        return self.offsets * self.temperatures


def fit(logits: Floats, truth: Bools, settings: CalibrationConfig) -> PlattScaling:
    """The scaling of least log loss, each label's shrunk to the one of all labels together."""
    everything = logits.reshape(-1, 1), truth.reshape(-1, 1)
    if settings.offsets:
        (head,) = platt.fit_platt(*everything, settings.shrinkage).slopes
        line = platt.fit_platt(logits, truth, settings.shrinkage, float(head))
    else:
        (head,) = platt.fit_inverse_temperatures(*everything, 1.0, settings.shrinkage)
        slopes = platt.fit_inverse_temperatures(logits, truth, float(head), settings.shrinkage)
        line = platt.PlattCoefficients(slopes, np.zeros_like(slopes))
    temperatures = 1.0 / np.clip(line.slopes, 1 / _HIGHEST, 1 / _LOWEST)
    return PlattScaling(np.round(temperatures, DECIMALS), np.round(line.offsets, DECIMALS))


def log_loss(probabilities: Floats, truth: Bools) -> float:
    """Mean over all decisions, in nats."""
    inside = np.clip(np.where(truth, probabilities, 1 - probabilities), 1e-12, 1.0)
    return float(-np.log(inside).mean())


def overall_error(probabilities: Floats, truth: Bools, weights: Floats | None = None) -> _Scores:
    """Expected calibration error (Guo et al. 2017) over all decisions at once, in equal bins."""
    rows, labels = truth.shape
    weights = _once(rows) if weights is None else weights
    cells = np.arange(rows)[:, None] * BINS + bin_index(probabilities)
    gaps = np.bincount(cells.ravel(), (probabilities - truth).ravel(), minlength=rows * BINS)
    sums = weights @ gaps.reshape(rows, BINS)
    return np.asarray(np.abs(sums).sum(axis=1) / (weights.sum(axis=1) * labels))


def classwise_error(probabilities: Floats, truth: Bools, weights: Floats | None = None) -> _Scores:
    """Mean over the labels of `label_error`; a label never above `FLOOR` has no say."""
    weights = _once(len(truth)) if weights is None else weights
    columns = range(truth.shape[1])
    each = np.stack([label_error(probabilities[:, at], truth[:, at], weights) for at in columns])
    known = ~np.isnan(each)
    return np.asarray(np.nansum(each, axis=0) / np.maximum(known.sum(axis=0), 1))


def label_error(probabilities: Floats, truth: Bools, weights: Floats | None = None) -> _Scores:
    """One label's (n,) expected calibration error over its probabilities above `FLOOR`.

    They are put into `BINS` equal bins of [0, 1]; each bin's gap between mean probability and observed rate
    counts by its share of those probabilities. Not a number where none is above `FLOOR`.
    """
    seen = probabilities > FLOOR
    weights = (_once(len(truth)) if weights is None else weights)[:, seen]
    gaps = np.zeros((int(seen.sum()), BINS))
    gaps[np.arange(len(gaps)), bin_index(probabilities[seen])] = probabilities[seen] - truth[seen]
    whole = weights.sum(axis=1)
    unknown = np.full(len(whole), np.nan)
    return np.asarray(np.divide(np.abs(weights @ gaps).sum(axis=1), whole, out=unknown, where=whole > 0))


def brier(probabilities: Floats, truth: Bools, weights: Floats | None = None) -> _Scores:
    """Mean squared distance of probability and truth over all decisions (Brier 1950)."""
    weights = _once(len(truth)) if weights is None else weights
    rows = ((probabilities - truth) ** 2).mean(axis=1)
    return np.asarray(weights @ rows / weights.sum(axis=1))


def brier_skill(probabilities: Floats, truth: Bools, weights: Floats | None = None) -> _Scores:
    """1 − Brier score / that of always saying each label's rate in these very rows: 0 knows only rates."""
    weights = _once(len(truth)) if weights is None else weights
    rates = weights @ truth.astype(np.float64) / weights.sum(axis=1, keepdims=True)
    reference = (rates * (1 - rates)).mean(axis=1)
    score = brier(probabilities, truth, weights)
    return np.asarray(1 - np.divide(score, reference, out=np.ones_like(score), where=reference > 0))


def expected_error_by_chance(probabilities: Floats, seed: int, draws: int = 200) -> float:
    """The class-wise error that perfectly calibrated probabilities would show on as many rows, by chance."""
    random = np.random.default_rng(seed)
    chances = (random.random(probabilities.shape) < probabilities for _ in range(draws))
    return float(np.mean([classwise_error(probabilities, truth) for truth in chances]))


def bin_index(probabilities: Floats) -> npt.NDArray[np.int64]:
    """The bin of `BINS` equal ones each probability falls in; certainty stays in the last."""
    return np.minimum((probabilities * BINS).astype(np.int64), BINS - 1)


def _once(rows: int) -> npt.NDArray[np.float64]:
    return np.ones((1, rows))
