"""A training's state after an epoch: enough to go on as if nothing had stopped."""

from __future__ import annotations

import io
import logging
import pickle
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from build.errors import CheckpointError
from build.files import write_bytes
from build.training.checkpoint_dir import Member
from build.training.ema import RunningMean

log = logging.getLogger(__name__)


class State(NamedTuple):
    """All that a training changes."""

    model: nn.Module
    optimizer: Optimizer
    schedule: LRScheduler
    mean: RunningMean


def save(member: Member, state: State, epochs: int) -> None:
    """Write the state after ``epochs`` epochs, replacing the one before in one step.

    Raises:
        CheckpointError: the disk is full, or cannot be written.
    """
    _write(member.checkpoint, {"epochs": epochs, **{name: part.state_dict() for name, part in _parts(state)}})
    log.info("saved after epoch %d", epochs)


def keep(member: Member, model: nn.Module, epochs: int) -> None:
    """Write the weights that count: the mean's or the last ones, of the best epoch or the last."""
    _write(member.weights, {"epochs": epochs, "model": model.state_dict()})


def resume(member: Member, state: State) -> int:
    """Load the last state, if there is one; returns how many epochs it has behind it.

    Raises:
        CheckpointError: the file is damaged, or of another network.
    """
    if not member.checkpoint.is_file():
        return 0
    saved = _read(member.checkpoint)
    try:
        for name, part in _parts(state):
            part.load_state_dict(saved[name])
    except (KeyError, RuntimeError, ValueError) as error:
        raise CheckpointError(
            f"{member.checkpoint} is of another network: remove it to train anew"
        ) from error
    log.info("%s: going on after epoch %d", member.folder.name, saved["epochs"])
    return int(saved["epochs"])


def load_weights(member: Member, model: nn.Module) -> int:
    """The weights that count, alone; returns how many epochs they were trained.

    Raises:
        CheckpointError: nothing was trained yet, or the file is damaged.
    """
    if not member.weights.is_file():
        raise CheckpointError(f"{member.folder} holds no weights: run the train step first")
    saved = _read(member.weights)
    try:
        model.load_state_dict(saved["model"])
    except (KeyError, RuntimeError) as error:
        raise CheckpointError(f"{member.weights} is of another network: remove it to train anew") from error
    return int(saved["epochs"])


def save_arrays(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write arrays by name, in one step."""
    content = io.BytesIO()
    np.savez(content, **arrays)  # type: ignore[arg-type]
    write_bytes(path, content.getvalue())


def load_arrays(path: Path, step: str) -> dict[str, npt.NDArray[Any]]:
    """Read what ``save_arrays`` wrote in the step of this name.

    Raises:
        CheckpointError: there is none, or the file is damaged.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes())) as saved:
            return dict(saved)
    except FileNotFoundError as error:
        raise CheckpointError(f"{path.parent} holds no {path.name}: run the {step} step first") from error
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise CheckpointError(f"{path} is damaged: remove it and run the {step} step") from error


def _parts(state: State) -> list[tuple[str, Any]]:
    return list(state._asdict().items())


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    try:
        torch.save(content, partial)
        partial.replace(path)
    except (OSError, RuntimeError) as error:
        partial.unlink(missing_ok=True)
        free = shutil.disk_usage(path.parent).free / 1e6
        raise CheckpointError(f"{path} cannot be written ({free:.0f} MB are free): {error}") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, EOFError, RuntimeError, BadZipFile, pickle.UnpicklingError) as error:
        raise CheckpointError(f"{path} is damaged: remove it to train anew") from error
    return state
