"""The folder of one network: its checkpoint, weights, settings and training curve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from build.errors import CheckpointError
from build.files import write_json


class CheckpointDir:
    """Paths and metadata of one network's training."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def checkpoint(self) -> Path:
        """Training state for resuming."""
        return self.folder / "last.pt"

    @property
    def weights(self) -> Path:
        """The final weights."""
        return self.folder / "weights.pt"

    @property
    def out_of_fold(self) -> Path:
        """Out-of-fold predictions of the feelings and topics heads."""
        return self.folder / "out_of_fold.npz"

    @property
    def curve(self) -> Path:
        return self.folder / "curve.json"

    def check_settings(self, settings: dict[str, Any]) -> None:
        """Record the settings that determine the weights, or check that they have not changed.

        Raises:
            CheckpointError: the network in this folder was trained with other settings.
        """
        path = self.folder / "settings.json"
        current = msgspec.json.decode(msgspec.json.encode(settings))
        if self.checkpoint.is_file() and path.is_file() and msgspec.json.decode(path.read_bytes()) != current:
            raise CheckpointError(
                f"{self.folder} was trained with other settings: rename the run or remove it"
            )
        write_json(path, current)

    def append_to_curve(self, point: dict[str, Any]) -> None:
        """Append a point to the training curve, replacing an earlier point of the same epoch."""
        others = [other for other in self.read_curve() if other["epoch"] != point["epoch"]]
        write_json(self.curve, [*others, point])

    def read_curve(self) -> list[dict[str, Any]]:
        """The training curve so far, one point per epoch."""
        if not self.curve.is_file():
            return []
        return msgspec.json.decode(self.curve.read_bytes(), type=list[dict[str, Any]])
