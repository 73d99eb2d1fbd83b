"""The ensemble that teaches: members by cross-validation, so that nobody judges a text it was trained on.

A network that has seen a text's labels repeats them, mistakes and all. A checkpoint_dir that hasn't tells what the
text itself says, which is what a student can learn beyond the labels (born-again and cross-fitted
distillation: Furlanello et al. 2018, https://arxiv.org/abs/1805.04770; Dao et al. 2021,
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

from build import text_encoder as network
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
    """Probabilities (n, labels): of training texts by the checkpoint_dir that never saw them, of others by all."""

    labelled: Floats
    unlabelled: Floats

    def save(self, path: Path) -> None:
        """Write both in one step."""
        checkpoint.save_arrays(path, self._asdict())

    @classmethod
    def load(cls, path: Path) -> DistillationTargets:
        """Read what ``save`` wrote.

        Raises:
            CheckpointError: there is none, or the file is damaged.
        """
        return cls(**checkpoint.load_arrays(path, "train-teachers"))


class TeacherEnsemble:
    """Members of one configuration, trained one after the other; those already trained are read."""

    def __init__(
        self, config: Config, settings: Teacher, base: BaseModel, tokenizer: Tokenizer, run: RunDir
    ) -> None:
        self._config = config
        self._settings = settings
        self._base = base
        self._tokenizer = tokenizer
        self._run = run

    def teach(self, train: TrainingSet, dev: TrainingSet, unlabelled: list[str]) -> DistillationTargets:
        """Train whoever isn't, then ask everybody.

        What a loss does to a checkpoint_dir's probabilities is undone on the texts it hasn't seen.
        """
        fold_of = folds(len(train.texts), self._settings.folds, self._config.seed)
        labelled = np.zeros_like(train.targets)
        others = np.zeros((len(unlabelled), labelled.shape[1]), dtype=np.float32)
        for number in range(self._settings.folds):
            checkpoint_dir = self._member(number, train.select(np.flatnonzero(fold_of != number)), dev)
            rows = np.flatnonzero(fold_of == number)
            unseen = train.select(rows)
            said = self._ask(checkpoint_dir, unseen.texts)
            scaling = calibration.fit(said, unseen.targets > 0, CalibrationConfig())
            labelled[rows] = scaling.probabilities(said)
            if unlabelled:
                others += scaling.probabilities(self._ask(checkpoint_dir, unlabelled)) / self._settings.folds
        return DistillationTargets(labelled, others)

    def _member(self, number: int, train: TrainingSet, dev: TrainingSet) -> TextEncoder:
        seed = self._config.seed + 1 + number
        losses = self._settings.losses
        settings = replace(self._settings.training, loss=losses[number % len(losses)])
        torch.manual_seed(seed)
        heads = {EMOTIONS: train.targets.shape[1]}
        model = network.from_base(self._base, heads, settings.dropout, settings.pooling)
        network.start_at_base_rates(model, train.rates())
        folder = self._run.teacher(number)
        folder.check_settings(
            {"seed": seed, "share": self._config.share, "texts": len(train.texts), "training": settings}
        )
        log.info("teacher %d of %d, loss %s", number + 1, self._settings.folds, settings.loss.kind)
        Trainer(settings, model, self._tokenizer, folder, seed=seed).fit(train, dev)
        checkpoint.load_weights(folder, model)
        return model

    def _ask(self, checkpoint_dir: TextEncoder, texts: list[str]) -> Floats:
        return predict(checkpoint_dir, self._tokenizer, texts, self._settings.training)[EMOTIONS]


def folds(rows: int, count: int, seed: int) -> npt.NDArray[np.int64]:
    """Each row's fold (rows,), at random and of equal size."""
    return (np.random.default_rng([seed, 7]).permutation(rows) % count).astype(np.int64)
