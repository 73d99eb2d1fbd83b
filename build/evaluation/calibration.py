"""Probability calibration: temperature and offset of each label, and calibration metrics.

A temperature divides the logits (Guo et al. 2017, https://arxiv.org/abs/1706.04599); an offset shifts them
(Platt 1999). Each label has its own, shrunk towards that of the whole head: a label with few examples stays
near it.

Shapes: ``logits``, ``probabilities`` and ``truth`` are (n, labels); ``weights`` are (draws, n), how often
    each
bootstrap sample draws each row, and scores are then (draws,). Without weights, every row counts once and
scores are (1,).
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
"""Class-wise calibration uses probabilities above this: most probabilities are below it and close to 0."""
BINS = 15
DECIMALS = 4
"""Temperatures and offsets are rounded to this many decimals, so that what is fitted is what ships."""
_MIN_TEMPERATURE, _MAX_TEMPERATURE = 0.25, 4.0


class CalibrationConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How probabilities are calibrated."""

    shrinkage: Annotated[float, Meta(gt=0.0)] = 20.0
    """Ridge that pulls a label's slope (1 / temperature) to its head's, and its offset to 0."""
    offsets: bool = True
    """Also fit an offset per label (Platt scaling), since base rates in use differ from training's."""


class PlattScaling(NamedTuple):
    """Calibrated logit = logit / temperature + offset; both (labels,)."""

    temperatures: npt.NDArray[np.float64]
    offsets: npt.NDArray[np.float64]

    def probabilities(self, logits: Floats) -> npt.NDArray[np.float64]:
        """Calibrated probabilities of logits (n, labels)."""
        return sigmoid(logits / self.temperatures + self.offsets)

    def logit_shifts(self) -> npt.NDArray[np.float64]:
        """What to add to the raw logits so that temperatures alone complete the calibration."""
        return self.offsets * self.temperatures


def fit_calibration(logits: Floats, truth: Bools, settings: CalibrationConfig) -> PlattScaling:
    """Fit the scaling with the lowest log loss; each label is shrunk towards all labels pooled."""
    pooled = logits.reshape(-1, 1), truth.reshape(-1, 1)
    if settings.offsets:
        (head,) = platt.fit_platt(*pooled, settings.shrinkage).slopes
        coefficients = platt.fit_platt(logits, truth, settings.shrinkage, float(head))
    else:
        (head,) = platt.fit_inverse_temperatures(*pooled, 1.0, settings.shrinkage)
        slopes = platt.fit_inverse_temperatures(logits, truth, float(head), settings.shrinkage)
        coefficients = platt.PlattCoefficients(slopes, np.zeros_like(slopes))
    temperatures = 1.0 / np.clip(coefficients.slopes, 1 / _MAX_TEMPERATURE, 1 / _MIN_TEMPERATURE)
    return PlattScaling(np.round(temperatures, DECIMALS), np.round(coefficients.offsets, DECIMALS))


def log_loss(probabilities: Floats, truth: Bools) -> float:
    """Mean over all decisions, in nats."""
    likelihoods = np.clip(np.where(truth, probabilities, 1 - probabilities), 1e-12, 1.0)
    return float(-np.log(likelihoods).mean())


def overall_error(probabilities: Floats, truth: Bools, weights: Floats | None = None) -> _Scores:
    """Expected calibration error (Guo et al. 2017) over all decisions pooled, in equal-width bins."""
    rows, labels = truth.shape
    weights = _unit_weights(rows) if weights is None else weights
    cells = np.arange(rows)[:, None] * BINS + bin_index(probabilities)
    gaps = np.bincount(cells.ravel(), (probabilities - truth).ravel(), minlength=rows * BINS)
    sums = weights @ gaps.reshape(rows, BINS)
    return np.asarray(np.abs(sums).sum(axis=1) / (weights.sum(axis=1) * labels))


def classwise_error(probabilities: Floats, truth: Bools, weights: Floats | None = None) -> _Scores:
    """Mean of `label_error` over the labels; labels that are never above `FLOOR` are ignored."""
    weights = _unit_weights(len(truth)) if weights is None else weights
    columns = range(truth.shape[1])
    errors = np.stack(
        [label_error(probabilities[:, column], truth[:, column], weights) for column in columns]
    )
    is_known = ~np.isnan(errors)
    return np.asarray(np.nansum(errors, axis=0) / np.maximum(is_known.sum(axis=0), 1))


def label_error(probabilities: Floats, truth: Bools, weights: Floats | None = None) -> _Scores:
    """Expected calibration error of one label (n,) over its probabilities above `FLOOR`.

    They are put into `BINS` equal-width bins of [0, 1]; the gap between mean probability and observed rate of
    each bin is weighted by the bin's share of those probabilities. NaN if no probability is above `FLOOR`.
    """
    above_floor = probabilities > FLOOR
    weights = (_unit_weights(len(truth)) if weights is None else weights)[:, above_floor]
    gaps = np.zeros((int(above_floor.sum()), BINS))
    gaps[np.arange(len(gaps)), bin_index(probabilities[above_floor])] = (
        probabilities[above_floor] - truth[above_floor]
    )
    totals = weights.sum(axis=1)
    undefined = np.full(len(totals), np.nan)
    return np.asarray(np.divide(np.abs(weights @ gaps).sum(axis=1), totals, out=undefined, where=totals > 0))


def brier(probabilities: Floats, truth: Bools, weights: Floats | None = None) -> _Scores:
    """Mean squared error of the probabilities over all decisions (Brier 1950)."""
    weights = _unit_weights(len(truth)) if weights is None else weights
    rows = ((probabilities - truth) ** 2).mean(axis=1)
    return np.asarray(weights @ rows / weights.sum(axis=1))


def brier_skill(probabilities: Floats, truth: Bools, weights: Floats | None = None) -> _Scores:
    """1 − Brier score / Brier score of always predicting each label's rate in these rows."""
    weights = _unit_weights(len(truth)) if weights is None else weights
    rates = weights @ truth.astype(np.float64) / weights.sum(axis=1, keepdims=True)
    reference = (rates * (1 - rates)).mean(axis=1)
    score = brier(probabilities, truth, weights)
    return np.asarray(1 - np.divide(score, reference, out=np.ones_like(score), where=reference > 0))


def expected_error_by_chance(probabilities: Floats, seed: int, draws: int = 200) -> float:
    """Class-wise error that perfectly calibrated probabilities would show on as many rows, by chance."""
    random = np.random.default_rng(seed)
    samples = (random.random(probabilities.shape) < probabilities for _ in range(draws))
    return float(np.mean([classwise_error(probabilities, truth) for truth in samples]))


def bin_index(probabilities: Floats) -> npt.NDArray[np.int64]:
    """Index of the bin of each probability; 1.0 belongs to the last bin."""
    return np.minimum((probabilities * BINS).astype(np.int64), BINS - 1)


def _unit_weights(rows: int) -> npt.NDArray[np.float64]:
    return np.ones((1, rows))
