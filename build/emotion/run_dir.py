"""The folder of one run: its configuration, environment, members, exports, figures and log."""

from __future__ import annotations

from pathlib import Path

from build.emotion.config import Config
from build.training.checkpoint_dir import CheckpointDir
from build.training.run_dir import create_run_dir, log_to_run_dir

STUDENT = "student"


class RunDir:
    """Names every file of a run; creates the folder and refuses one made with another configuration."""

    def __init__(self, root: Path, config: Config) -> None:
        self.folder = root / config.name
        self.config = config

    @property
    def student(self) -> CheckpointDir:
        return CheckpointDir(self.folder / STUDENT)

    def teacher(self, number: int) -> CheckpointDir:
        return CheckpointDir(self.folder / f"teacher-{number}")

    def trial(self, name: str) -> CheckpointDir:
        """One training of the ablation."""
        return CheckpointDir(self.folder / "ablation" / name.replace(" ", "-"))

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
        """Create the folder, with the configuration and the environment, and log into it."""
        create_run_dir(self.folder, self.config)
        log_to_run_dir(self.folder)
