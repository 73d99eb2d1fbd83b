"""How fast to learn, and what to decay."""

from __future__ import annotations

import math

from torch import nn


class Cosine:
    """Learning-rate factor by step: linear up to 1 over the warm-up, then half a cosine down to 0."""

    def __init__(self, steps: int, warmup: float) -> None:
        self.steps = steps
        self.warm = max(1, round(steps * warmup))

    def __call__(self, step: int) -> float:
        """The factor at ``step``, counted from 0."""
        if step < self.warm:
            return (step + 1) / self.warm
        share = (step - self.warm) / max(1, self.steps - self.warm)
        return 0.5 * (1.0 + math.cos(math.pi * min(1.0, share)))


def groups(part: nn.Module, rate: float, decay: float) -> list[dict[str, object]]:
    """Parameters by what becomes of them: matrices decay, vectors do not."""
    matrices = [parameter for parameter in part.parameters() if parameter.ndim > 1]
    vectors = [parameter for parameter in part.parameters() if parameter.ndim <= 1]
    return [
        {"params": matrices, "lr": rate, "weight_decay": decay},
        {"params": vectors, "lr": rate, "weight_decay": 0.0},
    ]
