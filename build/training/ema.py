"""Exponential moving average (EMA) of a model's weights, which often scores better than the last weights.

Polyak and Juditsky 1992 (https://doi.org/10.1137/0330046). The decay starts low, so that the initial weights
are soon forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

_UPDATE_INTERVAL = 5
"""Optimizer steps between two updates."""


class EMA:
    """EMA of a model's parameters. With a decay of 0, the parameters themselves."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self._parameters: list[Tensor] = list(model.parameters())
        self._decay = decay
        self._steps = 0
        self._averages = [parameter.detach().clone() for parameter in self._parameters] if decay else []

    def update(self) -> None:
        """Call after each optimizer step."""
        self._steps += 1
        if not self._averages or self._steps % _UPDATE_INTERVAL:
            return
        decay = min(self._decay, self._steps / (self._steps + 10.0 * _UPDATE_INTERVAL)) ** _UPDATE_INTERVAL
        with torch.no_grad():
            torch._foreach_lerp_(self._averages, self._parameters, 1.0 - decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Within the context the model holds the averaged weights; afterwards its own again."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def state_dict(self) -> dict[str, Any]:
        return {"steps": self._steps, "averages": self._averages}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._steps = state["steps"]
        for average, saved in zip(self._averages, state["averages"], strict=True):
            average.copy_(saved)

    def _swap(self) -> None:
        with torch.no_grad():
            for parameter, average in zip(self._parameters, self._averages, strict=bool(self._averages)):
                current: Tensor = parameter.detach().clone()
                parameter.copy_(average)
                average.copy_(current)
