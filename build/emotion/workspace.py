"""What every step works with: the configuration, the run's folder, the data and the base model."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec
import torch
from tokenizers import Tokenizer

from build import base_model, tokenization
from build.base_model import BaseModel
from build.emotion.config import Config
from build.emotion.data import datasets
from build.emotion.data.datasets import EmotionDatasets
from build.emotion.run_dir import RunDir
from build.emotion.training import student
from build.emotion.training.student import StudentTrainer, TrainingData
from build.emotion.training.teacher import DistillationTargets
from build.evaluation.thresholds import OutOfFold
from build.text_encoder import EMOTIONS
from build.training import checkpoint


class Workspace(NamedTuple):
    """What every step works with."""

    config: Config
    run: RunDir
    data: Path
    base: BaseModel
    models: Path

    @classmethod
    def open(cls, config: Config, data: Path | None, runs: Path, models: Path) -> Workspace:
        """Open the run folder, and find data and base model, fetching what is not there."""
        run = RunDir(runs, config)
        run.open()
        torch.set_num_threads(config.threads)
        return cls(config, run, datasets.find(data, runs / "data"), base_model.obtain(runs / "base"), models)

    @property
    def tokenizer(self) -> Tokenizer:
        return tokenization.load_tokenizer(self.base.tokenizer)

    @property
    def school(self) -> StudentTrainer:
        return StudentTrainer(self.config, self.base, self.tokenizer)

    def read(self) -> EmotionDatasets:
        """The data the configuration asks for."""
        return datasets.read(self.data, self.config)

    def material(self) -> TrainingData:
        """The data, what the teachers say of it, and where the base model has it."""
        found = self.read()
        lesson = DistillationTargets.load(self.run.lesson) if self.config.teacher else None
        if not self.config.heads.embedding:
            return TrainingData(found, lesson, None)
        embeddings = self.school.original_embeddings(student.texts(found), self.run.embeddings)
        return TrainingData(found, lesson, embeddings)

    def unseen(self, found: EmotionDatasets) -> dict[str, OutOfFold]:
        """By head, what is known of training texts that those who judged them had not seen."""
        said = checkpoint.load_arrays(self.run.student.out_of_fold, "train")
        if self.config.teacher:
            said[EMOTIONS] = DistillationTargets.load(self.run.lesson).labelled
        return {head: OutOfFold(each, found.train[head].targets > 0) for head, each in said.items()}

    @property
    def width(self) -> int:
        """Of the embedding."""
        return self._shape("hidden_size")

    @property
    def attention_heads(self) -> int:
        """A layer's."""
        return self._shape("num_attention_heads")

    def _shape(self, name: str) -> int:
        return int(msgspec.json.decode(self.base.config.read_bytes())[name])
