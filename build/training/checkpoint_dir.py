"""One network of a run: its checkpoints, what decided them, and its training curve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from build.errors import CheckpointError
from build.files import write_json


class Member:
    """A folder with checkpoints and a curve of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def checkpoint(self) -> Path:
        """All that is needed to go on."""
        return self.folder / "last.pt"

    @property
    def weights(self) -> Path:
        """What came of it."""
        return self.folder / "weights.pt"

    @property
    def unseen(self) -> Path:
        """What the cross-validation of its feelings and topics said."""
        return self.folder / "unseen.npz"

    @property
    def curve(self) -> Path:
        return self.folder / "curve.json"

    def claim(self, decides: dict[str, Any]) -> None:
        """Note what decides its weights, or check that they are still decided by the same.

        Raises:
            CheckpointError: the network in this folder was trained with other settings.
        """
        path = self.folder / "settings.json"
        wanted = msgspec.json.decode(msgspec.json.encode(decides))
        if self.checkpoint.is_file() and path.is_file() and msgspec.json.decode(path.read_bytes()) != wanted:
            raise CheckpointError(
                f"{self.folder} was trained with other settings: rename the run or remove it"
            )
        write_json(path, wanted)

    def add_to_curve(self, point: dict[str, Any]) -> None:
        """Append one point to the training curve; a point of the same epoch is replaced."""
        kept = [old for old in self.read_curve() if old["epoch"] != point["epoch"]]
        write_json(self.curve, [*kept, point])

    def read_curve(self) -> list[dict[str, Any]]:
        """The training curve so far, one point an epoch."""
        if not self.curve.is_file():
            return []
        return msgspec.json.decode(self.curve.read_bytes(), type=list[dict[str, Any]])
