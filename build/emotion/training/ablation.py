"""Ablation: short training runs, each with one part of the recipe changed.

One epoch on a share of the data with several seeds: enough to rank the parts, not to measure their full
effect.
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

_BOOTSTRAP_SAMPLES = 500

Change = Callable[[Config], Config]


class AblationVariant(NamedTuple):
    """One change of the plain recipe."""

    name: str
    description: str
    change: Change


def _training(**changes: object) -> Change:
    return lambda config: replace(config, training=replace(config.training, **changes))


def _loss(**settings: Any) -> Change:
    return _training(loss=Loss(**settings))


def _distillation(**changes: object) -> Change:
    return lambda config: replace(config, distillation=replace(config.distillation, **changes))


def _heads(**changes: object) -> Change:
    return lambda config: replace(config, heads=replace(config.heads, **changes))


def ablation_variants(config: Config) -> list[AblationVariant]:
    """The variants to train; the last ones only if the recipe uses them."""
    variants = [
        AblationVariant("plain", "cross-entropy on the annotators' labels", lambda plain: plain),
        AblationVariant("weighted", "rare labels weighted more", _loss(kind=LossKind.WEIGHTED)),
        AblationVariant("focal", "easy decisions weighted less", _loss(kind=LossKind.FOCAL)),
        AblationVariant("asymmetric", "easy negatives weighted less", _loss(kind=LossKind.ASYMMETRIC)),
        AblationVariant("smoothing", "label smoothing of .05", _loss(smoothing=0.05)),
        AblationVariant(
            "balanced", "texts with rare labels sampled more often", _training(class_balance=0.5)
        ),
        AblationVariant("EMA", "exponential moving average of the weights", _training(ema_decay=0.99)),
        AblationVariant(
            "augmented", "noise in a third of the texts", _training(augmentation=Augmentation(share=0.33))
        ),
    ]
    if config.teacher:
        variants += [
            AblationVariant(
                "distilled", "teachers' predictions as half of each target", _distillation(teacher_weight=0.5)
            ),
            AblationVariant(
                "teachers alone",
                "teachers' predictions as the whole target",
                _distillation(teacher_weight=1.0),
            ),
        ]
    if config.heads.embedding_distillation:
        variants.append(
            AblationVariant(
                "embedding",
                "embedding kept close to the base model's",
                _heads(embedding_distillation=config.heads.embedding_distillation),
            )
        )
    return variants


def run_ablation(student_trainer: StudentTrainer, data: TrainingData, run_dir: RunDir) -> list[Ablation]:
    """Train every variant that is not trained yet for one epoch, and score it on dev."""
    config = student_trainer.config
    plain = replace(
        config,
        training=replace(config.training, epochs=1, patience=0),
        distillation=replace(config.distillation, teacher_weight=0.0, unlabelled_sentences=0),
        heads=Heads(),
    )
    subset = data.subset(config.ablation.share, config.seed)
    truth = np.asarray(data.datasets.dev[EMOTIONS].targets > 0)
    records = []
    for variant in ablation_variants(config):
        logits = [
            _dev_logits(
                student_trainer.with_config(replace(variant.change(plain), seed=seed)),
                subset,
                run_dir.ablation_run(f"{variant.name}-{seed}"),
            )
            for seed in config.ablation.seeds
        ]
        records.append(_record(variant, logits, truth, config))
        log.info("%s: macro-F1 %.4f, micro-F1 %.4f", variant.name, records[-1].macro_f1, records[-1].micro_f1)
        write_json(run_dir.ablation, records)
    return records


def _dev_logits(student_trainer: StudentTrainer, data: TrainingData, checkpoint_dir: CheckpointDir) -> Floats:
    """Logits of the dev texts (n, labels), from the run's folder if they are there."""
    path = checkpoint_dir.folder / "dev.npy"
    if not path.is_file():
        model = student_trainer.train_student(data, checkpoint_dir)
        texts = data.datasets.dev[EMOTIONS].texts
        checkpoint_dir.folder.mkdir(parents=True, exist_ok=True)
        np.save(
            path, predict(model, student_trainer.tokenizer, texts, student_trainer.config.training)[EMOTIONS]
        )
        for unneeded in (checkpoint_dir.checkpoint, checkpoint_dir.weights):
            unneeded.unlink(missing_ok=True)
    logits: Floats = np.load(path)
    return logits


def _record(variant: AblationVariant, logits_by_seed: list[Floats], truth: Bools, config: Config) -> Ablation:
    decision = DecisionConfig(thresholds=replace(config.thresholds, repeats=2), seed=config.seed)
    decisions = [
        repeat
        for logits in logits_by_seed
        for repeat in cross_validation.cross_validate(logits, truth, decision).decisions
    ]
    weights = metrics.bootstrap_weights(len(truth), _BOOTSTRAP_SAMPLES, config.seed)
    macro, micro = bootstrap.macro_and_micro_f1(decisions, truth, weights)
    return Ablation(
        name=variant.name,
        change=variant.description,
        epochs=1,
        share=config.ablation.share,
        macro_f1=macro.value,
        macro_f1_interval=(macro.low, macro.high),
        micro_f1=micro.value,
        seeds=list(config.ablation.seeds),
    )
