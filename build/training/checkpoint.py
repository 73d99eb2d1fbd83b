"""Saves and resumes training state."""

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
from build.training.checkpoint_dir import CheckpointDir
from build.training.ema import EMA

log = logging.getLogger(__name__)


class TrainingState(NamedTuple):
    """Everything that training changes."""

    model: nn.Module
    optimizer: Optimizer
    scheduler: LRScheduler
    ema: EMA


def save_checkpoint(checkpoint_dir: CheckpointDir, state: TrainingState, epochs: int) -> None:
    """Write the training state after ``epochs`` epochs, atomically replacing the previous checkpoint.

    Raises:
        CheckpointError: the disk is full or cannot be written.
    """
    _write(
        checkpoint_dir.checkpoint,
        {"epochs": epochs, **{name: part.state_dict() for name, part in _parts(state)}},
    )
    log.info("saved checkpoint after epoch %d", epochs)


def save_weights(checkpoint_dir: CheckpointDir, model: nn.Module, epochs: int) -> None:
    """Write the final weights: of the best epoch or of the last one, averaged if EMA is on."""
    _write(checkpoint_dir.weights, {"epochs": epochs, "model": model.state_dict()})


def resume(checkpoint_dir: CheckpointDir, state: TrainingState) -> int:
    """Load the last checkpoint, if there is one; returns the number of completed epochs.

    Raises:
        CheckpointError: the file is damaged, or belongs to another network.
    """
    if not checkpoint_dir.checkpoint.is_file():
        return 0
    saved = _read(checkpoint_dir.checkpoint)
    try:
        for name, part in _parts(state):
            part.load_state_dict(saved[name])
    except (KeyError, RuntimeError, ValueError) as error:
        raise CheckpointError(
            f"{checkpoint_dir.checkpoint} belongs to another network: remove it to train from scratch"
        ) from error
    log.info("%s: resuming after epoch %d", checkpoint_dir.folder.name, saved["epochs"])
    return int(saved["epochs"])


def load_weights(checkpoint_dir: CheckpointDir, model: nn.Module) -> int:
    """Load the final weights; returns the number of epochs they were trained.

    Raises:
        CheckpointError: there are no weights yet, or the file is damaged.
    """
    if not checkpoint_dir.weights.is_file():
        raise CheckpointError(f"{checkpoint_dir.folder} has no weights: run the train step first")
    saved = _read(checkpoint_dir.weights)
    try:
        model.load_state_dict(saved["model"])
    except (KeyError, RuntimeError) as error:
        raise CheckpointError(
            f"{checkpoint_dir.weights} belongs to another network: remove it to train from scratch"
        ) from error
    return int(saved["epochs"])


def save_arrays(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write named arrays, atomically."""
    content = io.BytesIO()
    np.savez(content, **arrays)  # type: ignore[arg-type]
    write_bytes(path, content.getvalue())


def load_arrays(path: Path, step: str) -> dict[str, npt.NDArray[Any]]:
    """Read the arrays that ``save_arrays`` wrote; ``step`` is the pipeline step that writes them.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes())) as saved:
            return dict(saved)
    except FileNotFoundError as error:
        raise CheckpointError(f"{path.parent} has no {path.name}: run the {step} step first") from error
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise CheckpointError(f"{path} is damaged: remove it and run the {step} step") from error


def _parts(state: TrainingState) -> list[tuple[str, Any]]:
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
        raise CheckpointError(f"{path} is damaged: remove it to train from scratch") from error
    return state
