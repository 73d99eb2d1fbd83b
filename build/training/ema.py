"""The running mean of a training's weights, which is often better than the last ones.

Polyak and Juditsky 1992 (https://doi.org/10.1137/0330046); early on the decay is lower, so that the start is
soon forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

_EVERY = 5
"""Steps between two updates."""


class RunningMean:
    """Of a model's parameters; with a decay of 0 it is the parameters themselves."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self._parameters: list[Tensor] = list(model.parameters())
        self._decay = decay
        self._steps = 0
        self._mean = [parameter.detach().clone() for parameter in self._parameters] if decay else []

    def update(self) -> None:
        """After a step of the optimizer."""
        self._steps += 1
        if not self._mean or self._steps % _EVERY:
            return
        decay = min(self._decay, self._steps / (self._steps + 10.0 * _EVERY)) ** _EVERY
        with torch.no_grad():
            torch._foreach_lerp_(self._mean, self._parameters, 1.0 - decay)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The model holds the mean; afterwards its own weights again."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def state_dict(self) -> dict[str, Any]:
        return {"steps": self._steps, "mean": self._mean}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._steps = state["steps"]
        for mine, saved in zip(self._mean, state["mean"], strict=True):
            mine.copy_(saved)

    def _swap(self) -> None:
        with torch.no_grad():
            for parameter, mean in zip(self._parameters, self._mean, strict=bool(self._mean)):
                kept: Tensor = parameter.detach().clone()
                parameter.copy_(mean)
                mean.copy_(kept)
