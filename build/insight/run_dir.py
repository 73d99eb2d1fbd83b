"""Paths in the folder of a run: configuration, environment, checkpoints, exports, evaluation, log."""

from __future__ import annotations

from pathlib import Path

from build.insight.config import Config
from build.training.checkpoint_dir import CheckpointDir
from build.training.run_dir import create_run_dir, log_to_run_dir


class RunDir:
    """Names every file of a run."""

    def __init__(self, root: Path, config: Config) -> None:
        self.folder = root / config.name
        self.config = config

    @property
    def network(self) -> CheckpointDir:
        return CheckpointDir(self.folder / "network")

    @property
    def fp32(self) -> Path:
        """The exported float32 graph."""
        return self.folder / "export" / "fp32"

    @property
    def quantized(self) -> Path:
        """The quantized reader, in a folder that serving can load."""
        return self.folder / "export" / "quantized"

    @property
    def evaluation(self) -> Path:
        return self.folder / "evaluation.json"

    @property
    def report(self) -> Path:
        return self.folder / "report.html"

    def open(self) -> None:
        """Create the folder with configuration and environment, and start logging into it."""
        create_run_dir(self.folder, self.config)
        log_to_run_dir(self.folder)
