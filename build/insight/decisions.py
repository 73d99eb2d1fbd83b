"""Fits what turns the reader's logits into decisions: calibration, thresholds, and when it is uncertain.

Each output has one slope, one offset and one threshold for all of its labels: dev has too few examples of
rare labels for more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from build.data.journal.entries import Entry
from build.data.journal.labels import EMOTIONS, FEELINGS, TOPICS
from build.evaluation import metrics
from build.evaluation.platt import fit_platt
from build.insight.examples import MAX_SENTENCE_TOKENS, targets
from functions.emotion.reader_config import Calibration, Labels, ReaderConfig
from functions.shared.domain.labels import NEUTRAL

Outputs = Sequence[Mapping[str, npt.NDArray[np.float32]]]
"""The reader's logits for each entry, by output."""

LIMITS = {"emotions": 4, "feelings": 3, "topics": 3, "sentence_emotions": 3}
_NAMES = {
    "emotions": EMOTIONS,
    "feelings": FEELINGS,
    "topics": TOPICS,
    "sentence_emotions": EMOTIONS,
}
_THRESHOLDS = np.arange(0.1, 0.75, 0.01)
_TEMPERATURES = np.geomspace(0.5, 3.0, 40)
_RIDGE = 1.0
SUPPORT_FALSE_ALARMS = 0.05
"""The largest share of entries that need no support but get it; sets the threshold."""
CERTAIN_ACCURACY = 0.5
"""A reading is uncertain where fewer than this share of first emotions are right."""
_MIN_UNCERTAIN = 10


def fit(
    outputs: Outputs, entries: Sequence[Entry], *, name: str, version: str, max_length: int
) -> ReaderConfig:
    """The reader's configuration, fitted on entries it has not been trained on."""
    truth = [targets(entry.labels, 1.0) for entry in entries]
    labels: dict[str, Any] = {
        output: _labels(output, _stack(outputs, output), _stack(truth, output) > 0) for output in LIMITS
    }
    temperature = _temperature(_stack(outputs, "primary"), _stack(truth, "primary").argmax(axis=1))
    return ReaderConfig(
        name=name,
        version=version,
        max_length=max_length,
        max_sentence=MAX_SENTENCE_TOKENS,
        **labels,
        primary=temperature,
        certain=_certain(_stack(outputs, "primary") / temperature, entries),
        mood=_mood(_stack(outputs, "mood"), _stack(truth, "mood")),
        core=_calibration(_stack(outputs, "core"), _stack(truth, "core") > 0),
        avoid=_calibration(_stack(outputs, "avoid"), _stack(truth, "avoid") > 0),
        support=_support(_stack(outputs, "support"), _stack(truth, "support") > 0),
    )


def undecided(name: str, version: str, max_length: int) -> ReaderConfig:
    """A configuration before anything is fitted: calibration is the identity, and thresholds are 1/2."""
    labels: dict[str, Any] = {
        output: Labels(names=_NAMES[output], threshold=0.5, limit=limit) for output, limit in LIMITS.items()
    }
    return ReaderConfig(
        name=name,
        version=version,
        max_length=max_length,
        max_sentence=MAX_SENTENCE_TOKENS,
        **labels,
        certain=0.0,
        support=0.5,
    )


def _stack(rows: Sequence[Mapping[str, Any]], output: str) -> npt.NDArray[np.float64]:
    """One output of every entry, or of all their sentences: (n, width)."""
    return np.concatenate([np.atleast_2d(row[output]) for row in rows]).astype(np.float64)


def _calibration(logits: npt.NDArray[np.float64], truth: npt.NDArray[np.bool_]) -> Calibration:
    pooled = fit_platt(logits.reshape(-1, 1), truth.reshape(-1, 1), _RIDGE)
    return Calibration(
        scale=round(max(float(pooled.slopes[0]), 1e-3), 4), offset=round(float(pooled.offsets[0]), 4)
    )


def _mood(moods: npt.NDArray[np.float64], truth: npt.NDArray[np.float64]) -> float:
    """The offset that puts the boundary between negative and positive entries at 0.

    It is 0 if the entries are all negative or all positive.
    """
    clear = truth[:, 0] != 0.0
    bright = truth[clear] > 0.0
    if bright.all() or not bright.any():
        return 0.0
    parted = fit_platt(moods[clear], bright, _RIDGE)
    return round(float(parted.offsets[0]) / max(float(parted.slopes[0]), 1e-3), 4)


def _labels(output: str, logits: npt.NDArray[np.float64], truth: npt.NDArray[np.bool_]) -> Labels:
    calibration = _calibration(logits, truth)
    probabilities = metrics.sigmoid(logits * calibration.scale + calibration.offset)
    counted = [index for index, name in enumerate(_NAMES[output]) if name != NEUTRAL]
    threshold = max(
        _THRESHOLDS, key=lambda at: metrics.micro_f1(probabilities[:, counted] >= at, truth[:, counted])
    )
    return Labels(
        names=_NAMES[output],
        threshold=round(float(threshold), 2),
        limit=LIMITS[output],
        calibration=calibration,
    )


def _temperature(logits: npt.NDArray[np.float64], truth: npt.NDArray[np.int64]) -> float:
    """The temperature with the lowest log loss."""

    def log_loss(temperature: float) -> float:
        probabilities = softmax(logits / temperature)
        return -float(np.log(probabilities[np.arange(len(truth)), truth]).mean())

    return round(float(min(_TEMPERATURES, key=log_loss)), 3)


def _certain(scaled: npt.NDArray[np.float64], entries: Sequence[Entry]) -> float:
    """The largest probability of the first emotion below which most of them are wrong; 0 if none."""
    probabilities = softmax(scaled)
    first, strongest = probabilities.argmax(axis=1), probabilities.max(axis=1)
    right = np.asarray([EMOTIONS[at] in e.labels.whole for at, e in zip(first, entries, strict=True)])
    order = np.argsort(strongest)
    accuracy = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    uncertain = [at for at in range(_MIN_UNCERTAIN, len(order)) if accuracy[at - 1] < CERTAIN_ACCURACY]
    return round(float(strongest[order][uncertain[-1]]), 3) if uncertain else 0.0


def _support(logits: npt.NDArray[np.float64], truth: npt.NDArray[np.bool_]) -> float:
    """The lowest threshold with at most `SUPPORT_FALSE_ALARMS`; 1 if no entry needs support."""
    others = np.sort(metrics.sigmoid(logits)[~truth])[::-1]
    allowed = int(SUPPORT_FALSE_ALARMS * len(others))
    return round(float(others[allowed]) + 1e-4, 4) if truth.any() and len(others) else 1.0


def softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Probabilities over the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
