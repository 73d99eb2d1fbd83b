"""What a training says while it runs: loss, rate and the time that is left."""

from __future__ import annotations

import logging
import time

import numpy as np

log = logging.getLogger(__name__)

_EVERY = 20


class Progress:
    """Collects one epoch's losses and logs every twentieth step."""

    def __init__(self, epoch: int, epochs: int, batches: int) -> None:
        self.epoch, self.epochs, self.batches = epoch, epochs, batches
        self.losses: list[float] = []
        self.started = time.monotonic()

    def add(self, loss: float, rate: float) -> None:
        """Take one step's loss and learning rate."""
        self.losses.append(loss)
        count = len(self.losses)
        if count % _EVERY and count != self.batches:
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
        """Mean loss of each twenty steps."""
        starts = range(0, len(self.losses), _EVERY)
        return [round(float(np.mean(self.losses[start : start + _EVERY])), 5) for start in starts]
