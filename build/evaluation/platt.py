"""Logistic regression of each label's truth on its own logit, by Newton's method, all labels at once.

Platt 1999, "Probabilistic outputs for support vector machines", with a ridge towards the line that changes
nothing (slope 1, offset 0): a label with few examples keeps its probabilities.
Shapes: ``logits`` and ``truth`` are (n, labels); slopes and offsets (labels,).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from build.evaluation.metrics import Bools, Floats, sigmoid

_Array = npt.NDArray[np.float64]

_STEPS = 50
_CLOSE = 1e-6
_LONGEST = 1.0
"""Largest change of a slope or offset in one step; Newton's own step can overshoot far from the minimum."""
_OFFSET_RIDGE = 0.2
"""Ridge of the offset, relative to the slope's: base rates shift more readily than sureness does."""


class PlattCoefficients(NamedTuple):
    """Calibrated logit = slope × logit + offset."""

    slopes: _Array
    offsets: _Array

    def probabilities(self, logits: Floats) -> _Array:
        return sigmoid(logits * self.slopes + self.offsets)


def fit_platt(logits: Floats, truth: Bools, ridge: float, towards: float = 1.0) -> PlattCoefficients:
    """Slope and offset of each label: log loss + ridge/2 × ((slope − towards)² + .2 × offset²)."""
    wanted = truth.astype(np.float64)
    slopes, offsets = np.full(truth.shape[1], towards), np.zeros(truth.shape[1])
    for _ in range(_STEPS):
        chances = sigmoid(logits * slopes + offsets)
        wrong, weight = chances - wanted, np.maximum(chances * (1 - chances), 1e-12)
        slope = (wrong * logits).sum(axis=0) + ridge * (slopes - towards)
        offset = wrong.sum(axis=0) + _OFFSET_RIDGE * ridge * offsets
        bend = (weight * logits**2).sum(axis=0) + ridge
        cross, lift = (weight * logits).sum(axis=0), weight.sum(axis=0) + _OFFSET_RIDGE * ridge
        whole = np.maximum(bend * lift - cross**2, 1e-12)
        slope_step = _short((lift * slope - cross * offset) / whole)
        offset_step = _short((bend * offset - cross * slope) / whole)
        slopes, offsets = slopes - slope_step, offsets - offset_step
        if np.abs([slope_step, offset_step]).max(initial=0.0) < _CLOSE:
            break
    return PlattCoefficients(slopes, offsets)


def fit_inverse_temperatures(logits: Floats, truth: Bools, towards: float, ridge: float) -> _Array:
    """Slope of each label, without offset: log loss + ridge/2 × (slope − towards)²."""
    wanted = truth.astype(np.float64)
    slopes = np.full(truth.shape[1], towards)
    for _ in range(_STEPS):
        chances = sigmoid(logits * slopes)
        pull = ((chances - wanted) * logits).sum(axis=0) + ridge * (slopes - towards)
        bend = (chances * (1 - chances) * logits**2).sum(axis=0) + ridge
        step = _short(pull / np.maximum(bend, 1e-9))
        slopes = slopes - step
        if np.abs(step).max(initial=0.0) < _CLOSE:
            break
    return slopes


def _short(step: _Array) -> _Array:
    return np.clip(step, -_LONGEST, _LONGEST)
