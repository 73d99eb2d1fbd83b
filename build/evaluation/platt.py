"""Platt scaling: logistic regression of each label's truth on its logit, by Newton's method.

Platt 1999, "Probabilistic outputs for support vector machines", with a ridge towards the identity (slope 1,
offset 0): a label with few examples keeps its probabilities. Shapes: ``logits`` and ``truth`` are (n,
labels); slopes and offsets are (labels,).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from build.evaluation.metrics import Bools, Floats, sigmoid

_Array = npt.NDArray[np.float64]

_MAX_ITERATIONS = 50
_TOLERANCE = 1e-6
_MAX_STEP = 1.0
"""Largest change of a slope or offset per step; Newton's own step can overshoot far beyond the minimum."""
_OFFSET_RIDGE = 0.2
"""Ridge of the offset relative to the slope's: base rates differ more often than sharpness does."""


class PlattCoefficients(NamedTuple):
    """Calibrated logit = slope × logit + offset."""

    slopes: _Array
    offsets: _Array

    def probabilities(self, logits: Floats) -> _Array:
        return sigmoid(logits * self.slopes + self.offsets)


def fit_platt(logits: Floats, truth: Bools, ridge: float, prior_slope: float = 1.0) -> PlattCoefficients:
    """Slope and offset per label, minimizing log loss + ridge/2 × ((slope − prior_slope)² + .2 × offset²)."""
    targets = truth.astype(np.float64)
    slopes, offsets = np.full(truth.shape[1], prior_slope), np.zeros(truth.shape[1])
    for _ in range(_MAX_ITERATIONS):
        probabilities = sigmoid(logits * slopes + offsets)
        residuals, weight = probabilities - targets, np.maximum(probabilities * (1 - probabilities), 1e-12)
        slope_gradient = (residuals * logits).sum(axis=0) + ridge * (slopes - prior_slope)
        offset_gradient = residuals.sum(axis=0) + _OFFSET_RIDGE * ridge * offsets
        slope_curvature = (weight * logits**2).sum(axis=0) + ridge
        mixed_curvature, offset_curvature = (
            (weight * logits).sum(axis=0),
            weight.sum(axis=0) + _OFFSET_RIDGE * ridge,
        )
        determinant = np.maximum(slope_curvature * offset_curvature - mixed_curvature**2, 1e-12)
        slope_step = _clip_step(
            (offset_curvature * slope_gradient - mixed_curvature * offset_gradient) / determinant
        )
        offset_step = _clip_step(
            (slope_curvature * offset_gradient - mixed_curvature * slope_gradient) / determinant
        )
        slopes, offsets = slopes - slope_step, offsets - offset_step
        if np.abs([slope_step, offset_step]).max(initial=0.0) < _TOLERANCE:
            break
    return PlattCoefficients(slopes, offsets)


def fit_inverse_temperatures(logits: Floats, truth: Bools, prior_slope: float, ridge: float) -> _Array:
    """Slope of each label, without offset; minimizes log loss + ridge/2 × (slope − prior_slope)²."""
    targets = truth.astype(np.float64)
    slopes = np.full(truth.shape[1], prior_slope)
    for _ in range(_MAX_ITERATIONS):
        probabilities = sigmoid(logits * slopes)
        gradient = ((probabilities - targets) * logits).sum(axis=0) + ridge * (slopes - prior_slope)
        curvature = (probabilities * (1 - probabilities) * logits**2).sum(axis=0) + ridge
        step = _clip_step(gradient / np.maximum(curvature, 1e-9))
        slopes = slopes - step
        if np.abs(step).max(initial=0.0) < _TOLERANCE:
            break
    return slopes


def _clip_step(step: _Array) -> _Array:
    return np.clip(step, -_MAX_STEP, _MAX_STEP)
