"""The teacher ensemble, trained by cross-validation: no teacher labels a text that it was trained on.

A network that has seen a text's labels repeats them, including errors. A network that has not seen them
predicts from the text itself, which gives the student information beyond the labels (born-again and
cross-fitted distillation: Furlanello et al. 2018, https://arxiv.org/abs/1805.04770; Dao et al. 2021,
https://arxiv.org/abs/2104.09732).
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from msgspec.structs import replace
from tokenizers import Tokenizer

from build import text_encoder
from build.base_model import BaseModel
from build.emotion.config import Config, Teacher
from build.emotion.data.training_set import Floats, TrainingSet
from build.emotion.run_dir import RunDir
from build.emotion.training.trainer import Trainer, predict
from build.evaluation import calibration
from build.evaluation.calibration import CalibrationConfig
from build.text_encoder import EMOTIONS, TextEncoder
from build.training import checkpoint

log = logging.getLogger(__name__)


class DistillationTargets(NamedTuple):
    """Teachers' probabilities (n, labels): out-of-fold for training texts, averaged for unlabelled ones."""

    labelled: Floats
    unlabelled: Floats

    def save(self, path: Path) -> None:
        """Write both, atomically."""
        checkpoint.save_arrays(path, self._asdict())

    @classmethod
    def load(cls, path: Path) -> DistillationTargets:
        """Read what ``save`` wrote.

        Raises:
            CheckpointError: the file is missing or damaged.
        """
        return cls(**checkpoint.load_arrays(path, "train-teachers"))


class TeacherEnsemble:
    """Teachers of one configuration, trained one after the other; trained ones are loaded."""

    def __init__(
        self, config: Config, settings: Teacher, base: BaseModel, tokenizer: Tokenizer, run: RunDir
    ) -> None:
        self._config = config
        self._settings = settings
        self._base = base
        self._tokenizer = tokenizer
        self._run = run

    def distillation_targets(
        self, train: TrainingSet, dev: TrainingSet, unlabelled: list[str]
    ) -> DistillationTargets:
        """Train the teachers that are not trained yet, and predict with all of them.

        Each teacher is calibrated on its held-out texts, which undoes the bias of its loss function.
        """
        fold_of = folds(len(train.texts), self._settings.folds, self._config.seed)
        labelled = np.zeros_like(train.targets)
        unlabelled_mean = np.zeros((len(unlabelled), labelled.shape[1]), dtype=np.float32)
        for number in range(self._settings.folds):
            teacher = self._train_teacher(number, train.select(np.flatnonzero(fold_of != number)), dev)
            rows = np.flatnonzero(fold_of == number)
            held_out = train.select(rows)
            logits = self._logits(teacher, held_out.texts)
            scaling = calibration.fit_calibration(logits, held_out.targets > 0, CalibrationConfig())
            labelled[rows] = scaling.probabilities(logits)
            if unlabelled:
                unlabelled_mean += (
                    scaling.probabilities(self._logits(teacher, unlabelled)) / self._settings.folds
                )
        return DistillationTargets(labelled, unlabelled_mean)

    def _train_teacher(self, number: int, train: TrainingSet, dev: TrainingSet) -> TextEncoder:
        seed = self._config.seed + 1 + number
        losses = self._settings.losses
        settings = replace(self._settings.training, loss=losses[number % len(losses)])
        torch.manual_seed(seed)
        heads = {EMOTIONS: train.targets.shape[1]}
        model = text_encoder.from_base(self._base, heads, settings.dropout, settings.pooling)
        text_encoder.init_at_base_rates(model, train.rates())
        checkpoint_dir = self._run.teacher(number)
        checkpoint_dir.check_settings(
            {"seed": seed, "share": self._config.share, "texts": len(train.texts), "training": settings}
        )
        log.info("teacher %d of %d, loss %s", number + 1, self._settings.folds, settings.loss.kind)
        Trainer(settings, model, self._tokenizer, checkpoint_dir, seed=seed).fit(train, dev)
        checkpoint.load_weights(checkpoint_dir, model)
        return model

    def _logits(self, teacher: TextEncoder, texts: list[str]) -> Floats:
        return predict(teacher, self._tokenizer, texts, self._settings.training)[EMOTIONS]


def folds(rows: int, count: int, seed: int) -> npt.NDArray[np.int64]:
    """Random fold of each row (rows,), of nearly equal sizes."""
    return (np.random.default_rng([seed, 7]).permutation(rows) % count).astype(np.int64)
