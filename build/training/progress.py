"""Progress log of a training run: loss, learning rate and remaining time."""

from __future__ import annotations

import logging
import time

import numpy as np

log = logging.getLogger(__name__)

_LOG_INTERVAL = 20
"""Steps between two log lines."""


class ProgressLogger:
    """Collects the losses of one epoch and logs every `_LOG_INTERVAL` steps."""

    def __init__(self, epoch: int, epochs: int, batches: int) -> None:
        self.epoch, self.epochs, self.batches = epoch, epochs, batches
        self.losses: list[float] = []
        self.started = time.monotonic()

    def add(self, loss: float, rate: float) -> None:
        """Record the loss and learning rate of one step."""
        self.losses.append(loss)
        count = len(self.losses)
        if count % _LOG_INTERVAL and count != self.batches:
            return
        per_step = (time.monotonic() - self.started) / count
        left = per_step * (self.batches * (self.epochs - self.epoch) - count)
        log.info(
            "epoch %d/%d step %d/%d loss %.4f rate %.2e %.2f s/step, %.1f min left",
            *(self.epoch + 1, self.epochs, count, self.batches, self.means()[-1], rate, per_step, left / 60),
        )

    def mean(self) -> float:
        """Mean loss of the epoch so far."""
        return float(np.mean(self.losses))

    def means(self) -> list[float]:
        """Mean loss of each `_LOG_INTERVAL` steps."""
        starts = range(0, len(self.losses), _LOG_INTERVAL)
        return [round(float(np.mean(self.losses[start : start + _LOG_INTERVAL])), 5) for start in starts]
