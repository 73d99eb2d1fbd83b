"""Losses over decisions (batch, labels), independent per label.

Targets are probabilities: a teacher's, an annotator's 0 or 1, or a blend.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from build.emotion.config import Loss, LossKind

_MIN_RATE = 1e-3
"""The weights of rarer labels do not grow further."""
_PAIR_WEIGHT = 20.0
"""At the end of training, squared errors of pairs are about a twentieth of the cosine errors."""


DecisionLoss = Callable[[Tensor, Tensor], Tensor]


def decision_loss(settings: Loss, rates: Tensor) -> DecisionLoss:
    """Mean loss of logits and targets, both (batch, labels); ``rates`` (labels,) are label frequencies."""
    weights = _weights(rates) if settings.kind is LossKind.WEIGHTED else None

    def loss(logits: Tensor, targets: Tensor) -> Tensor:
        return _elementwise_loss(
            settings, logits, smooth_targets(targets, settings.smoothing), weights
        ).mean()

    return loss


def smooth_targets(targets: Tensor, smoothing: float) -> Tensor:
    """Move targets towards 1/2 (Szegedy et al. 2016, https://arxiv.org/abs/1512.00567)."""
    return targets * (1.0 - smoothing) + 0.5 * smoothing


def embedding_loss(embeddings: Tensor, targets: Tensor) -> Tensor:
    """Difference of normalized embeddings (batch, width) from their targets, individually and pairwise.

    The cosine distance to the target, and the squared error of the cosine of every pair (Park et al. 2019,
    https://arxiv.org/abs/1904.05068): search ranks by the latter.
    """
    distance = (1.0 - (embeddings * targets).sum(dim=1)).mean()
    return distance + functional.mse_loss(embeddings @ embeddings.T, targets @ targets.T) * _PAIR_WEIGHT


def _elementwise_loss(settings: Loss, logits: Tensor, targets: Tensor, weights: Tensor | None) -> Tensor:
    cross_entropy = functional.binary_cross_entropy_with_logits(
        logits, targets, pos_weight=None if weights is None else weights.to(logits.device), reduction="none"
    )
    probabilities = torch.sigmoid(logits)
    match settings.kind:
        case LossKind.FOCAL:  # Lin et al. 2017, https://arxiv.org/abs/1708.02002, for targets between 0 and 1
            return cross_entropy * (targets - probabilities).abs() ** settings.gamma
        case (
            LossKind.ASYMMETRIC
        ):  # Ridnik et al. 2021, https://arxiv.org/abs/2009.14119, without their margin
            present = targets * functional.logsigmoid(logits)
            absent = (1.0 - targets) * functional.logsigmoid(-logits) * probabilities**settings.gamma
            return -(present + absent)
        case _:
            return cross_entropy


def _weights(rates: Tensor) -> Tensor:
    """Square root of the odds that a label is absent."""
    clamped = rates.clamp(min=_MIN_RATE, max=1.0 - _MIN_RATE)
    return ((1.0 - clamped) / clamped).sqrt()
