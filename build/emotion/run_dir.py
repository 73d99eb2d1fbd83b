"""Paths in the folder of a run: configuration, environment, checkpoints, exports, evaluation, log."""

from __future__ import annotations

from pathlib import Path

from build.emotion.config import Config
from build.training.checkpoint_dir import CheckpointDir
from build.training.run_dir import create_run_dir, log_to_run_dir

STUDENT = "student"


class RunDir:
    """Names every file of a run."""

    def __init__(self, root: Path, config: Config) -> None:
        self.folder = root / config.name
        self.config = config

    @property
    def student(self) -> CheckpointDir:
        return CheckpointDir(self.folder / STUDENT)

    def teacher(self, number: int) -> CheckpointDir:
        return CheckpointDir(self.folder / f"teacher-{number}")

    def ablation_run(self, name: str) -> CheckpointDir:
        """One training run of the ablation."""
        return CheckpointDir(self.folder / "ablation" / name.replace(" ", "-"))

    @property
    def ablation(self) -> Path:
        return self.folder / "ablation.json"

    @property
    def tradeoff(self) -> Path:
        return self.folder / "tradeoff.json"

    @property
    def graphs(self) -> Path:
        """All graphs that were compared."""
        return self.folder / "graphs"

    @property
    def distillation_targets(self) -> Path:
        """The teachers' predictions."""
        return self.folder / "distillation_targets.npz"

    @property
    def base_embeddings(self) -> Path:
        """The base model's embeddings of the training texts."""
        return self.folder / "embeddings.npy"

    @property
    def fp32(self) -> Path:
        """The exported float32 model, in a folder that serving can load."""
        return self.folder / "export" / "fp32"

    @property
    def int8(self) -> Path:
        """The selected int8 model, in a folder that serving can load."""
        return self.folder / "export" / "int8"

    @property
    def evaluation(self) -> Path:
        return self.folder / "evaluation.json"

    def open(self) -> None:
        """Create the folder with configuration and environment, and start logging into it."""
        create_run_dir(self.folder, self.config)
        log_to_run_dir(self.folder)
