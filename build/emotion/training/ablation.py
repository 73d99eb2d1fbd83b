"""What each part of the recipe is worth: short trainings that differ from it in one thing.

One epoch on a share of the data, several seeds: enough to rank the parts, too little for their full worth.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from msgspec.structs import replace

from build.emotion.config import Augmentation, Config, Heads, Loss, LossKind
from build.emotion.run_dir import RunDir
from build.emotion.training.student import StudentTrainer, TrainingData
from build.emotion.training.trainer import predict
from build.evaluation import bootstrap, cross_validation, metrics
from build.evaluation.cross_validation import DecisionConfig
from build.evaluation.metrics import Bools, Floats
from build.evaluation.records import Ablation
from build.files import write_json
from build.text_encoder import EMOTIONS
from build.training.checkpoint_dir import CheckpointDir

log = logging.getLogger(__name__)

_DRAWS = 500

Change = Callable[[Config], Config]


class AblationVariant(NamedTuple):
    """One change."""

    name: str
    what: str
    change: Change


def _training(**changes: object) -> Change:
    return lambda config: replace(config, training=replace(config.training, **changes))


def _loss(**settings: Any) -> Change:
    return _training(loss=Loss(**settings))


def _distillation(**changes: object) -> Change:
    return lambda config: replace(config, distillation=replace(config.distillation, **changes))


def _heads(**changes: object) -> Change:
    return lambda config: replace(config, heads=replace(config.heads, **changes))


def trials(config: Config) -> list[AblationVariant]:
    """What is tried; the last only where the recipe has them."""
    found = [
        AblationVariant("plain", "cross-entropy on the annotators' labels", lambda plain: plain),
        AblationVariant("weighted", "rare labels weigh more", _loss(kind=LossKind.WEIGHTED)),
        AblationVariant("focal", "easy decisions count less", _loss(kind=LossKind.FOCAL)),
        AblationVariant("asymmetric", "easy absences count less", _loss(kind=LossKind.ASYMMETRIC)),
        AblationVariant("smoothing", "label smoothing of .05", _loss(smoothing=0.05)),
        AblationVariant("balanced", "texts of rare labels are drawn more often", _training(balance=0.5)),
        AblationVariant("averaged", "the running mean of the weights", _training(average=0.99)),
        AblationVariant(
            "augmented", "a third of the texts distorted", _training(augmentation=Augmentation(share=0.33))
        ),
    ]
    if config.teacher:
        found += [
            AblationVariant("distilled", "half of each target from the teachers", _distillation(share=0.5)),
            AblationVariant("teachers alone", "targets from the teachers alone", _distillation(share=1.0)),
        ]
    if config.heads.embedding:
        found.append(
            AblationVariant(
                "embedding", "kept near the base model's", _heads(embedding=config.heads.embedding)
            )
        )
    return found


def run(school: StudentTrainer, material: TrainingData, work: RunDir) -> list[Ablation]:
    """Train every trial that isn't trained yet, one epoch each, and score them on dev."""
    config = school.config
    plain = replace(
        config,
        training=replace(config.training, epochs=1, patience=0),
        distillation=replace(config.distillation, share=0.0, unlabelled=0),
        heads=Heads(),
    )
    part = material.thin(config.trials.share, config.seed)
    truth = np.asarray(material.found.dev[EMOTIONS].targets > 0)
    found = []
    for trial in trials(config):
        scores = [
            _logits(
                school.under(replace(trial.change(plain), seed=seed)),
                part,
                work.trial(f"{trial.name}-{seed}"),
            )
            for seed in config.trials.seeds
        ]
        found.append(_record(trial, scores, truth, config))
        log.info("%s: macro-F1 %.4f, micro-F1 %.4f", trial.name, found[-1].macro_f1, found[-1].micro_f1)
        write_json(work.ablation, found)
    return found


def _logits(school: StudentTrainer, material: TrainingData, checkpoint_dir: CheckpointDir) -> Floats:
    """Of the dev texts (n, labels)."""
    path = checkpoint_dir.folder / "dev.npy"
    if not path.is_file():
        model = school.teach(material, checkpoint_dir)
        texts = material.found.dev[EMOTIONS].texts
        checkpoint_dir.folder.mkdir(parents=True, exist_ok=True)
        np.save(path, predict(model, school.tokenizer, texts, school.config.training)[EMOTIONS])
        for spent in (checkpoint_dir.checkpoint, checkpoint_dir.weights):
            spent.unlink(missing_ok=True)
    found: Floats = np.load(path)
    return found


def _record(trial: AblationVariant, scores: list[Floats], truth: Bools, config: Config) -> Ablation:
    method = DecisionConfig(search=replace(config.thresholds, repeats=2), seed=config.seed)
    decisions = [
        each for logits in scores for each in cross_validation.cross_validate(logits, truth, method).decisions
    ]
    weights = metrics.bootstrap_weights(len(truth), _DRAWS, config.seed)
    macro, micro = bootstrap.macro_and_micro_f1(decisions, truth, weights)
    return Ablation(
        name=trial.name,
        change=trial.what,
        epochs=1,
        share=config.trials.share,
        macro_f1=macro.value,
        macro_f1_interval=(macro.low, macro.high),
        micro_f1=micro.value,
        seeds=list(config.trials.seeds),
    )
