"""Trains the student on annotators' labels, teachers' predictions and the base model's embeddings."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from tokenizers import Tokenizer

from build import text_encoder
from build.base_model import BaseModel
from build.data.dataset import random_share
from build.emotion.config import Config, Training
from build.emotion.data.datasets import EmotionDatasets
from build.emotion.data.training_set import TrainingSet, blend
from build.emotion.training import linear_heads
from build.emotion.training.teacher import DistillationTargets
from build.emotion.training.trainer import Trainer, predict
from build.errors import CheckpointError
from build.evaluation.metrics import Floats
from build.text_encoder import EMBEDDING, EMOTIONS, TextEncoder
from build.training import checkpoint
from build.training.checkpoint_dir import CheckpointDir

log = logging.getLogger(__name__)

_SETTINGS = ("seed", "share", "training", "teacher", "distillation", "heads")
"""The parts of the configuration that determine the student's weights."""


class TrainingData(NamedTuple):
    """Datasets and targets; ``base_embeddings`` (n, width) are of ``student_texts(datasets)``."""

    datasets: EmotionDatasets
    distillation_targets: DistillationTargets | None
    base_embeddings: Floats | None

    def subset(self, share: float, seed: int) -> TrainingData:
        """A random share of the comments, without journal entries and unlabelled sentences."""
        train, targets = self.datasets.train[EMOTIONS], self.distillation_targets
        rows = random_share(len(train.texts), share, seed)
        return TrainingData(
            self.datasets._replace(train={EMOTIONS: train.select(rows)}, unlabelled=[]),
            targets and DistillationTargets(targets.labelled[rows], targets.unlabelled[:0]),
            None if self.base_embeddings is None else self.base_embeddings[rows],
        )

    def training_set(self, config: Config) -> TrainingSet:
        """The texts of an epoch with their targets: comments and, with teachers, unlabelled sentences."""
        comments = TrainingSet.from_dataset(self.datasets.train[EMOTIONS])
        embeddings = self.base_embeddings if config.heads.embedding_distillation else None
        taught = self.distillation_targets
        if taught is None:
            kept = None if embeddings is None else embeddings[: len(comments.texts)]
            return comments._replace(embeddings=kept)
        blended = blend(comments.targets, taught.labelled, config.distillation.teacher_weight)
        targets = np.concatenate([blended, taught.unlabelled])
        return TrainingSet(student_texts(self.datasets), targets, embeddings)


class StudentTrainer(NamedTuple):
    """Trains students under one configuration."""

    config: Config
    base: BaseModel
    tokenizer: Tokenizer

    def with_config(self, config: Config) -> StudentTrainer:
        """The same with another configuration."""
        return self._replace(config=config)

    def train_student(self, data: TrainingData, checkpoint_dir: CheckpointDir) -> TextEncoder:
        """Train a student; a finished or interrupted training is resumed."""
        config = self.config
        checkpoint_dir.check_settings({name: getattr(config, name) for name in _SETTINGS})
        training_set = data.training_set(config)
        torch.manual_seed(config.seed)
        model = self.new_model(data.datasets)
        text_encoder.init_at_base_rates(model, training_set.rates())
        self.fit(model, config.training, training_set, data.datasets, checkpoint_dir)
        epochs = checkpoint.load_weights(checkpoint_dir, model)
        checkpoint.save_arrays(checkpoint_dir.out_of_fold, self.fit_linear_heads(model, data.datasets))
        checkpoint.save_weights(checkpoint_dir, model, epochs)
        return model

    def fit(
        self,
        model: TextEncoder,
        settings: Training,
        training_set: TrainingSet,
        datasets: EmotionDatasets,
        checkpoint_dir: CheckpointDir,
    ) -> None:
        """Train a network on a student's training set with other ``settings``, scored on dev."""
        weight = self.config.heads.embedding_distillation
        trainer = Trainer(
            settings,
            model,
            self.tokenizer,
            checkpoint_dir,
            seed=self.config.seed,
            embedding_distillation=weight,
        )
        trainer.fit(training_set, TrainingSet.from_dataset(datasets.dev[EMOTIONS]))

    def fit_linear_heads(self, model: TextEncoder, datasets: EmotionDatasets) -> dict[str, Floats]:
        """Fit the feelings and topics heads on the encoder; returns their out-of-fold predictions."""
        out_of_fold = {}
        for head in model.linear_heads:
            train, in_house = datasets.train[head], datasets.in_house[head]
            features, extra = (self._features(model, head, part.texts) for part in (train, in_house))
            fitted = linear_heads.fit(features, train, self.config.linear_heads.c_grid, (extra, in_house))
            linear_heads.attach(model, head, fitted.head)
            log.info("fitted %s on %d entries and %d lines", head, len(train.texts), len(in_house.texts))
            out_of_fold[head] = fitted.out_of_fold
        return out_of_fold

    def _features(self, model: TextEncoder, head: str, texts: list[str]) -> Floats:
        return linear_heads.features(model, head, self.tokenizer, texts, self.config.artifact.max_length)

    def load_trained(self, datasets: EmotionDatasets, checkpoint_dir: CheckpointDir) -> TextEncoder:
        """The trained student of a folder.

        Raises:
            CheckpointError: it has not been trained.
        """
        model = self.new_model(datasets)
        checkpoint.load_weights(checkpoint_dir, model)
        return model

    def new_model(self, datasets: EmotionDatasets) -> TextEncoder:
        """The base model with untrained heads."""
        heads = {head: len(labels) for head, labels in datasets.labels.items()}
        settings = self.config.training
        return text_encoder.from_base(self.base, heads, settings.dropout, settings.pooling)

    def embed_with_base(self, texts: list[str]) -> Floats:
        """The base model's embedding of each text (n, width)."""
        model = text_encoder.from_base(self.base, {EMOTIONS: 1}, 0.0)
        return predict(model, self.tokenizer, texts, self.config.training)[EMBEDDING]

    def cached_base_embeddings(self, texts: list[str], path: Path) -> Floats:
        """The base model's embeddings in half precision, cached in ``path``.

        Raises:
            CheckpointError: the file belongs to other texts.
        """
        if not path.is_file():
            log.info("embedding %d texts with the base model", len(texts))
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, self.embed_with_base(texts).astype(np.float16))
        embeddings: Floats = np.load(path)
        if len(embeddings) != len(texts):
            raise CheckpointError(f"{path} belongs to other texts: remove it")
        return embeddings


def student_texts(datasets: EmotionDatasets) -> list[str]:
    """Every text a student trains on, once: the comments, then the unlabelled sentences."""
    return [*datasets.train[EMOTIONS].texts, *datasets.unlabelled]
