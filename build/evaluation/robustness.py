"""What distorted texts cost: typos, lost marks, case, shuffled words, what speech recognition mishears.

PlattScaling and thresholds stay as they ship. Shapes: logits and truth are (n, labels).
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

Read = Callable[[Sequence[str]], Floats]
"""Logits (n, labels) of n texts."""


def subsample(examples: Dataset, most: int, seed: int) -> Dataset:
    """At most ``most`` examples, drawn at random, in their order."""
    if len(examples.texts) <= most:
        return examples
    rows = np.random.default_rng(seed).choice(len(examples.texts), most, replace=False)
    return examples.select(np.sort(rows))


def add_noise(texts: Sequence[str], kind: Noise, strength: float, seed: int) -> list[str]:
    """Each text distorted by itself: the same seed, kind and strength always give the same texts."""
    random = np.random.default_rng([seed, list(Noise).index(kind), round(strength * 1e6)])
    return [distort(text, kind, strength, random) for text in texts]


def measure_robustness(
    read: Read, examples: Dataset, fitted: DecisionRule, strengths: Sequence[float], draws: int, seed: int
) -> list[RobustnessRecord]:
    """A record for each kind of noise at each strength."""
    truth = examples.targets > 0
    clean = fitted.decide(read(examples.texts))
    weights = metrics.bootstrap_weights(len(truth), draws, seed)
    return [
        _record(
            kind,
            strength,
            clean,
            fitted.decide(read(add_noise(examples.texts, kind, strength, seed))),
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
