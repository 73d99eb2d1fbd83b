"""Shared inputs of the pipeline steps: configuration, run folder, data and base model."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec
import torch
from tokenizers import Tokenizer

from build import base_model, tokenization
from build.base_model import BaseModel
from build.emotion.config import Config
from build.emotion.data.datasets import EmotionDatasets, find_data_folder, load_datasets
from build.emotion.run_dir import RunDir
from build.emotion.training.student import StudentTrainer, TrainingData, student_texts
from build.emotion.training.teacher import DistillationTargets
from build.evaluation.thresholds import OutOfFold
from build.text_encoder import EMOTIONS
from build.training import checkpoint


class Workspace(NamedTuple):
    """Shared inputs of the pipeline steps."""

    config: Config
    run_dir: RunDir
    data: Path
    base: BaseModel
    models: Path

    @classmethod
    def open(cls, config: Config, data: Path | None, runs: Path, models: Path) -> Workspace:
        """Create the run folder, and find data and base model, downloading what is missing."""
        run_dir = RunDir(runs, config)
        run_dir.open()
        torch.set_num_threads(config.threads)
        return cls(
            config, run_dir, find_data_folder(data, runs / "data"), base_model.obtain(runs / "base"), models
        )

    @property
    def tokenizer(self) -> Tokenizer:
        return tokenization.load_tokenizer(self.base.tokenizer)

    @property
    def student_trainer(self) -> StudentTrainer:
        return StudentTrainer(self.config, self.base, self.tokenizer)

    def load_datasets(self) -> EmotionDatasets:
        """The datasets that the configuration needs."""
        return load_datasets(self.data, self.config)

    def training_data(self) -> TrainingData:
        """The datasets with the teachers' predictions and the base model's embeddings."""
        datasets = self.load_datasets()
        distillation_targets = (
            DistillationTargets.load(self.run_dir.distillation_targets) if self.config.teacher else None
        )
        if not self.config.heads.embedding_distillation:
            return TrainingData(datasets, distillation_targets, None)
        embeddings = self.student_trainer.cached_base_embeddings(
            student_texts(datasets), self.run_dir.base_embeddings
        )
        return TrainingData(datasets, distillation_targets, embeddings)

    def out_of_fold(self, datasets: EmotionDatasets) -> dict[str, OutOfFold]:
        """By head, out-of-fold predictions on the training texts."""
        predictions = checkpoint.load_arrays(self.run_dir.student.out_of_fold, "train")
        if self.config.teacher:
            predictions[EMOTIONS] = DistillationTargets.load(self.run_dir.distillation_targets).labelled
        return {
            head: OutOfFold(probabilities, datasets.train[head].targets > 0)
            for head, probabilities in predictions.items()
        }

    @property
    def width(self) -> int:
        """Width of the embedding."""
        return self._architecture("hidden_size")

    @property
    def attention_heads(self) -> int:
        """Attention heads per layer."""
        return self._architecture("num_attention_heads")

    def _architecture(self, name: str) -> int:
        return int(msgspec.json.decode(self.base.config.read_bytes())[name])
