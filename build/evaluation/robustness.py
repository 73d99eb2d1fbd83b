"""F1 on noisy texts: typos, punctuation, case, word order, speech-recognition errors.

The calibration and thresholds that ship are used unchanged. Shapes: logits and truth are (n, labels).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from build.data.dataset import Dataset
from build.data.noise import Noise, distort
from build.evaluation import bootstrap, metrics
from build.evaluation.cross_validation import DecisionRule
from build.evaluation.metrics import Bools, Floats
from build.evaluation.records import RobustnessRecord

PredictLogits = Callable[[Sequence[str]], Floats]
"""Texts (n) → logits (n, labels)."""


def subsample(dataset: Dataset, limit: int, seed: int) -> Dataset:
    """At most ``limit`` random examples, in their original order."""
    if len(dataset.texts) <= limit:
        return dataset
    rows = np.random.default_rng(seed).choice(len(dataset.texts), limit, replace=False)
    return dataset.select(np.sort(rows))


def add_noise(texts: Sequence[str], kind: Noise, strength: float, seed: int) -> list[str]:
    """Each text with noise; the same seed, kind and strength produce the same texts."""
    random = np.random.default_rng([seed, list(Noise).index(kind), round(strength * 1e6)])
    return [distort(text, kind, strength, random) for text in texts]


def measure_robustness(
    predict: PredictLogits,
    dataset: Dataset,
    rule: DecisionRule,
    strengths: Sequence[float],
    draws: int,
    seed: int,
) -> list[RobustnessRecord]:
    """One record per kind of noise and strength."""
    truth = dataset.targets > 0
    clean = rule.decide(predict(dataset.texts))
    weights = metrics.bootstrap_weights(len(truth), draws, seed)
    return [
        _record(
            kind,
            strength,
            clean,
            rule.decide(predict(add_noise(dataset.texts, kind, strength, seed))),
            truth,
            weights,
        )
        for kind in Noise
        for strength in strengths
    ]


def _record(
    kind: Noise, strength: float, clean: Bools, noisy: Bools, truth: Bools, weights: Floats
) -> RobustnessRecord:
    drop = bootstrap.paired_difference([clean], [noisy], truth, weights)
    return RobustnessRecord(
        kind=str(kind),
        strength=strength,
        rows=len(truth),
        macro_f1=metrics.macro_f1(noisy, truth),
        micro_f1=metrics.micro_f1(noisy, truth),
        macro_f1_drop=drop.macro_f1,
        micro_f1_drop=drop.micro_f1,
    )
