"""Learning-rate schedule and weight-decay parameter groups."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from torch import nn


class CosineWithWarmup:
    """Learning-rate factor by step: linear warm-up to 1, then cosine decay to 0."""

    def __init__(self, steps: int, warmup: float) -> None:
        self.steps = steps
        self.warmup_steps = max(1, round(steps * warmup))

    def __call__(self, step: int) -> float:
        """The factor at ``step``, counted from 0."""
        if step < self.warmup_steps:
            return (step + 1) / self.warmup_steps
        progress = (step - self.warmup_steps) / max(1, self.steps - self.warmup_steps)
        return 0.5 * (1.0 + math.cos(math.pi * min(1.0, progress)))


class WarmRestarts:
    """Learning-rate factor by step: ``CosineWithWarmup`` anew for each round (Loshchilov & Hutter, 2017).

    Args:
        rounds: the number of steps of each round.
        warmup: share of each round's steps.
    """

    def __init__(self, rounds: Sequence[int], warmup: float) -> None:
        self.rounds = tuple(rounds)
        self.warmup = warmup

    def __call__(self, step: int) -> float:
        """The factor at ``step``, counted from 0 over all rounds."""
        starts = (0, *accumulate(self.rounds[:-1]))
        current = bisect_right(starts, step) - 1
        return CosineWithWarmup(self.rounds[current], self.warmup)(step - starts[current])


def weight_decay_groups(module: nn.Module, rate: float, decay: float) -> list[dict[str, object]]:
    """Optimizer parameter groups: matrices with weight decay, vectors without."""
    matrices = [parameter for parameter in module.parameters() if parameter.ndim > 1]
    vectors = [parameter for parameter in module.parameters() if parameter.ndim <= 1]
    return [
        {"params": matrices, "lr": rate, "weight_decay": decay},
        {"params": vectors, "lr": rate, "weight_decay": 0.0},
    ]
