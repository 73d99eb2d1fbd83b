"""The folder of one run: its configuration, environment, members, exports, figures and log."""

from __future__ import annotations

import logging
import platform
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec

from build.emotion.config import Config
from build.errors import CheckpointError
from build.files import write_json

_PACKAGES = ("torch", "transformers", "tokenizers", "safetensors", "onnx", "onnxruntime", "numpy", "msgspec")
STUDENT = "student"


class Member:
    """One network of a run, with checkpoints and a curve of its own: the student, or one of its teachers."""

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


class Run:
    """Names every file of a run; creates the folder and refuses one made with another configuration."""

    def __init__(self, root: Path, config: Config) -> None:
        self.folder = root / config.name
        self.config = config

    @property
    def student(self) -> Member:
        return Member(self.folder / STUDENT)

    def teacher(self, number: int) -> Member:
        return Member(self.folder / f"teacher-{number}")

    def trial(self, name: str) -> Member:
        """One training of the ablation."""
        return Member(self.folder / "ablation" / name.replace(" ", "-"))

    @property
    def ablation(self) -> Path:
        return self.folder / "ablation.json"

    @property
    def tradeoff(self) -> Path:
        return self.folder / "tradeoff.json"

    @property
    def graphs(self) -> Path:
        """Every graph that was compared."""
        return self.folder / "graphs"

    @property
    def lesson(self) -> Path:
        """What the teachers say."""
        return self.folder / "lesson.npz"

    @property
    def embeddings(self) -> Path:
        """Where the base model has the training texts."""
        return self.folder / "embeddings.npy"

    @property
    def fp32(self) -> Path:
        """The exported model, float32, in a folder as serving reads it."""
        return self.folder / "export" / "fp32"

    @property
    def int8(self) -> Path:
        """The quantised model, likewise."""
        return self.folder / "export" / "int8"

    @property
    def evaluation(self) -> Path:
        return self.folder / "evaluation.json"

    def open(self) -> None:
        """Create the folder, with the configuration and the environment."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_json(self.folder / "config.json", self.config)
        write_json(self.folder / "environment.json", environment())

    def log_to_file(self) -> None:
        """Send the log to the run's folder and to the terminal."""
        handlers: list[logging.Handler] = [
            logging.FileHandler(self.folder / "log.txt"),
            logging.StreamHandler(),
        ]
        for handler in handlers:
            handler.addFilter(logging.Filter("build"))  # the exporter's libraries log a line a tensor
        logging.basicConfig(
            level=logging.INFO, format="%(asctime)s %(message)s", handlers=handlers, force=True
        )


def environment() -> dict[str, Any]:
    """Versions that decide a run's numbers."""
    versions = {name: metadata.version(name) for name in _PACKAGES}
    return {
        "python": sys.version.split()[0],
        "machine": platform.machine(),
        "processor": _processor(),
        "packages": versions,
    }


def _processor() -> str:
    """The processor's name and vector instructions, where the system tells them."""
    table = Path("/proc/cpuinfo")
    text = table.read_text(encoding="utf-8") if table.is_file() else ""
    name = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    known = [each for each in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16") if each in text]
    return f"{name[1].strip() if name else platform.machine()} ({', '.join(known) or 'plain'})"
