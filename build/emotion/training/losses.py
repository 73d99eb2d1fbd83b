"""Losses over decisions (batch, labels), each label by itself.

Targets are probabilities: a teacher's, an annotator's 0 or 1, or a mixture.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from build.emotion.config import Loss, LossKind

_RAREST = 1e-3
"""Weights of rarer labels than this grow no further."""
_PAIRS = 20.0
"""Squared errors of pairs are a twentieth of the cosines' errors, about, at the end of a training."""


DecisionLoss = Callable[[Tensor, Tensor], Tensor]


def decision_loss(settings: Loss, rates: Tensor) -> DecisionLoss:
    """The mean loss of logits and targets, both (batch, labels); ``rates`` (labels,): the labels' shares."""
    weights = _weights(rates) if settings.kind is LossKind.WEIGHTED else None

    def loss(logits: Tensor, targets: Tensor) -> Tensor:
        return _each(settings, logits, smooth(targets, settings.smoothing), weights).mean()

    return loss


def smooth(targets: Tensor, smoothing: float) -> Tensor:
    """Move targets towards 1/2 (Szegedy et al. 2016, https://arxiv.org/abs/1512.00567)."""
    return targets * (1.0 - smoothing) + 0.5 * smoothing


def embedding_loss(found: Tensor, wanted: Tensor) -> Tensor:
    """How far embeddings of length one (batch, width) are from where they should be, and from one another.

    The cosine to the wanted vector, and the squared error of every pair's cosine (Park et al. 2019,
    https://arxiv.org/abs/1904.05068): search ranks by the latter.
    """
    apart = (1.0 - (found * wanted).sum(dim=1)).mean()
    return apart + functional.mse_loss(found @ found.T, wanted @ wanted.T) * _PAIRS


def _each(settings: Loss, logits: Tensor, targets: Tensor, weights: Tensor | None) -> Tensor:
    plain = functional.binary_cross_entropy_with_logits(
        logits, targets, pos_weight=None if weights is None else weights.to(logits.device), reduction="none"
    )
    chances = torch.sigmoid(logits)
    match settings.kind:
        case LossKind.FOCAL:  # Lin et al. 2017, https://arxiv.org/abs/1708.02002, for targets between 0 and 1
            return plain * (targets - chances).abs() ** settings.gamma
        case (
            LossKind.ASYMMETRIC
        ):  # Ridnik et al. 2021, https://arxiv.org/abs/2009.14119, without their margin
            present = targets * functional.logsigmoid(logits)
            absent = (1.0 - targets) * functional.logsigmoid(-logits) * chances**settings.gamma
            return -(present + absent)
        case _:
            return plain


def _weights(rates: Tensor) -> Tensor:
    """Root of how much rarer a label's presence is than its absence."""
    kept = rates.clamp(min=_RAREST, max=1.0 - _RAREST)
    return ((1.0 - kept) / kept).sqrt()
