"""The student: one network that learns from annotators, teachers and the base model, and then the journal."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from tokenizers import Tokenizer

from build import text_encoder as network
from build.base_model import BaseModel
from build.emotion.config import Config, Training
from build.emotion.data import datasets, training_set
from build.emotion.data.datasets import EmotionDatasets
from build.emotion.data.training_set import TrainingSet
from build.emotion.training import linear_heads
from build.emotion.training.teacher import DistillationTargets
from build.emotion.training.trainer import Trainer, predict
from build.errors import CheckpointError
from build.evaluation.metrics import Floats
from build.text_encoder import EMBEDDING, EMOTIONS, TextEncoder
from build.training import checkpoint
from build.training.checkpoint_dir import CheckpointDir

log = logging.getLogger(__name__)

_DECIDES = ("seed", "share", "training", "teacher", "distillation", "heads")


class TrainingData(NamedTuple):
    """What there is to learn from; ``embeddings`` (n, width) are the base model's of ``texts(found)``."""

    found: EmotionDatasets
    lesson: DistillationTargets | None
    embeddings: Floats | None

    def thin(self, share: float, seed: int) -> TrainingData:
        """A share of the comments alone: no journal, no sentences that teachers alone label."""
        train = self.found.train[EMOTIONS]
        rows = datasets.draw(len(train.texts), share, seed)
        return TrainingData(
            self.found._replace(train={EMOTIONS: train.select(rows)}, unlabelled=[]),
            self.lesson and DistillationTargets(self.lesson.labelled[rows], self.lesson.unlabelled[:0]),
            None if self.embeddings is None else self.embeddings[rows],
        )

    def corpus(self, config: Config) -> TrainingSet:
        """All that the student sees in an epoch: comments, and sentences that teachers alone label."""
        comments = TrainingSet.from_dataset(self.found.train[EMOTIONS])
        wanted = self.embeddings if config.heads.embedding else None
        if self.lesson is None:
            return comments._replace(embeddings=None if wanted is None else wanted[: len(comments.texts)])
        targets = training_set.blend(comments.targets, self.lesson.labelled, config.distillation.share)
        return TrainingSet(texts(self.found), np.concatenate([targets, self.lesson.unlabelled]), wanted)


class StudentTrainer(NamedTuple):
    """How students are trained."""

    config: Config
    base: BaseModel
    tokenizer: Tokenizer

    def under(self, config: Config) -> StudentTrainer:
        """The same with another configuration."""
        return self._replace(config=config)

    def teach(self, material: TrainingData, checkpoint_dir: CheckpointDir) -> TextEncoder:
        """Train a student; a finished or interrupted training is taken up where it stands."""
        config = self.config
        checkpoint_dir.check_settings({name: getattr(config, name) for name in _DECIDES})
        learned = material.corpus(config)
        torch.manual_seed(config.seed)
        model = self.fresh(material.found)
        network.start_at_base_rates(model, learned.rates())
        self.train(model, config.training, learned, material.found, checkpoint_dir)
        epochs = checkpoint.load_weights(checkpoint_dir, model)
        checkpoint.save_arrays(checkpoint_dir.out_of_fold, self.fit_journal(model, material.found))
        checkpoint.save_weights(checkpoint_dir, model, epochs)
        return model

    def train(
        self,
        model: TextEncoder,
        settings: Training,
        learned: TrainingSet,
        found: EmotionDatasets,
        checkpoint_dir: CheckpointDir,
    ) -> None:
        """Train a network on what a student learns from, scored on dev; ``settings`` say how."""
        seed, weight = self.config.seed, self.config.heads.embedding
        trainer = Trainer(settings, model, self.tokenizer, checkpoint_dir, seed=seed, embedding=weight)
        trainer.fit(learned, TrainingSet.from_dataset(found.dev[EMOTIONS]))

    def fit_journal(self, model: TextEncoder, found: EmotionDatasets) -> dict[str, Floats]:
        """Fit the journal's heads on what the encoder says by now; tells what their cross-validation said."""
        unseen = {}
        for head in model.journal:
            train, own = found.train[head], found.own[head]
            given, extra = (self._features(model, head, each.texts) for each in (train, own))
            fitted = linear_heads.fit(given, train, self.config.journal.strengths, (extra, own))
            linear_heads.attach(model, head, fitted.head)
            log.info("fitted %s on %d entries and %d lines", head, len(train.texts), len(own.texts))
            unseen[head] = fitted.unseen
        return unseen

    def _features(self, model: TextEncoder, head: str, texts: list[str]) -> Floats:
        return linear_heads.features(model, head, self.tokenizer, texts, self.config.artifact.max_length)

    def trained(self, found: EmotionDatasets, checkpoint_dir: CheckpointDir) -> TextEncoder:
        """The student in a folder.

        Raises:
            CheckpointError: it isn't trained.
        """
        model = self.fresh(found)
        checkpoint.load_weights(checkpoint_dir, model)
        return model

    def fresh(self, found: EmotionDatasets) -> TextEncoder:
        """The base model under untrained heads."""
        heads = {head: len(labels) for head, labels in found.labels.items()}
        settings = self.config.training
        return network.from_base(self.base, heads, settings.dropout, settings.pooling)

    def original(self, texts: list[str]) -> Floats:
        """Where the untouched base model has each text (n, width)."""
        model = network.from_base(self.base, {EMOTIONS: 1}, 0.0)
        return predict(model, self.tokenizer, texts, self.config.training)[EMBEDDING]

    def original_embeddings(self, texts: list[str], path: Path) -> Floats:
        """``original``, in half precision; kept in ``path``.

        Raises:
            CheckpointError: the file is of other texts.
        """
        if not path.is_file():
            log.info("where the base model has %d texts", len(texts))
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, self.original(texts).astype(np.float16))
        saved: Floats = np.load(path)
        if len(saved) != len(texts):
            raise CheckpointError(f"{path} is of other texts: remove it")
        return saved


def texts(found: EmotionDatasets) -> list[str]:
    """Every text a student sees, once: the comments, then the unlabelled sentences."""
    return [*found.train[EMOTIONS].texts, *found.unlabelled]
