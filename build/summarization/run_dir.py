"""The folder of one run: its configuration, networks, exports, figures and log."""

from __future__ import annotations

from pathlib import Path

from build.summarization.config import Config
from build.training.checkpoint_dir import CheckpointDir
from build.training.run_dir import create_run_dir, log_to_run_dir


class RunDir:
    """Names every file of a run."""

    def __init__(self, root: Path, config: Config) -> None:
        self.folder = root / config.name
        self.config = config

    @property
    def pretrained(self) -> CheckpointDir:
        """What pretraining made."""
        return CheckpointDir(self.folder / "pretrained")

    def variant(self, name: str) -> CheckpointDir:
        """What fine-tuning made."""
        return CheckpointDir(self.folder / name)

    @property
    def common(self) -> Path:
        """Which tokens the networks can write of themselves."""
        return self.folder / "common.npz"

    @property
    def extractive(self) -> Path:
        """The extractive engine, in a folder as serving reads it."""
        return self.folder / "extractive"

    @property
    def guidance(self) -> Path:
        """What the extractive engine quotes of each story it learned from, by those it did not learn with."""
        return self.folder / "guidance.json"

    @property
    def quoted(self) -> Path:
        """What it quotes of texts it did not learn from; made anew where it is fitted anew."""
        return self.folder / "quoted.json"

    def lesson(self, teacher: str) -> Path:
        """What a variant writes for others to learn from."""
        return self.folder / f"{teacher}.lesson.json"

    def fp32(self, variant: str) -> Path:
        """An exported network, float32."""
        return self.folder / "export" / variant / "fp32"

    def int8(self, variant: str) -> Path:
        """The quantised network, in a folder as serving reads it."""
        return self.folder / "export" / variant / "int8"

    @property
    def t5(self) -> Path:
        """T5-small's shape with random weights, to race against."""
        return self.folder / "export" / "t5-small-random"

    @property
    def evaluation(self) -> Path:
        return self.folder / "evaluation.json"

    @property
    def report(self) -> Path:
        return self.folder / "report.html"

    def open(self) -> None:
        """Create the folder, with the configuration and the environment, and log into it."""
        create_run_dir(self.folder, self.config)
        log_to_run_dir(self.folder)
