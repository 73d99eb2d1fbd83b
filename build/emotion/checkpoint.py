"""A run's state after an epoch: enough to go on as if nothing had stopped."""

from __future__ import annotations

import logging
from typing import Any

import torch
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from build.emotion.model import TextEncoder
from build.emotion.run import Run
from build.errors import CheckpointError

log = logging.getLogger(__name__)


def save(run: Run, model: TextEncoder, optimizer: Optimizer, schedule: LRScheduler, epochs: int) -> None:
    """Write the state after ``epochs`` epochs, replacing the one before in one step."""
    state = {
        "epochs": epochs,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
    }
    run.checkpoint.parent.mkdir(parents=True, exist_ok=True)
    partial = run.checkpoint.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(run.checkpoint)
    log.info("saved after epoch %d", epochs)


def resume(run: Run, model: TextEncoder, optimizer: Optimizer, schedule: LRScheduler) -> int:
    """Load the last state, if there is one; returns how many epochs it has behind it."""
    if not run.checkpoint.is_file():
        return 0
    state = _read(run)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    log.info("going on after epoch %d", state["epochs"])
    return int(state["epochs"])


def load_weights(run: Run, model: TextEncoder) -> int:
    """The last state's weights alone; returns how many epochs they were trained.

    Raises:
        CheckpointError: nothing was trained yet.
    """
    if not run.checkpoint.is_file():
        raise CheckpointError(f"{run.folder} holds no checkpoint: run the train step first")
    state = _read(run)
    model.load_state_dict(state["model"])
    return int(state["epochs"])


def _read(run: Run) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(run.checkpoint, map_location="cpu", weights_only=True)
    return state
