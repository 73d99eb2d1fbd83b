"""Paths in the folder of a run: configuration, checkpoints, exports, evaluation, log."""

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
        """Checkpoints of pretraining."""
        return CheckpointDir(self.folder / "pretrained")

    def variant(self, name: str) -> CheckpointDir:
        """Checkpoints of a variant's fine-tuning."""
        return CheckpointDir(self.folder / name)

    @property
    def output_vocabulary(self) -> Path:
        """Token ids that the network can generate."""
        return self.folder / "output_vocabulary.npz"

    @property
    def extractive(self) -> Path:
        """The extractive engine, in a folder that serving can load."""
        return self.folder / "extractive"

    @property
    def out_of_fold_extracts(self) -> Path:
        """Extracts of the stories that the extractive engine was fitted on, out-of-fold."""
        return self.folder / "out_of_fold_extracts.json"

    @property
    def extracts(self) -> Path:
        """Extracts of other texts; cached until the engine is fitted again."""
        return self.folder / "extracts.json"

    def teacher_summaries(self, teacher: str) -> Path:
        """A variant's summaries as distillation targets."""
        return self.folder / f"{teacher}.summaries.json"

    def fp32(self, variant: str) -> Path:
        """An exported float32 network."""
        return self.folder / "export" / variant / "fp32"

    def int8(self, variant: str) -> Path:
        """The quantized network, in a folder that serving can load."""
        return self.folder / "export" / variant / "int8"

    @property
    def t5(self) -> Path:
        """T5-small's architecture with random weights, for the latency comparison."""
        return self.folder / "export" / "t5-small-random"

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
