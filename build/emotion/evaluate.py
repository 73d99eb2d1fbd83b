"""Measures exactly what ships: the int8 file, on the dev split, beside the float32 one it was made from."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from build.data.goemotions import Examples
from build.emotion import drift, metrics, thresholds
from build.emotion.config import Config
from build.emotion.drift import Drift
from build.emotion.latency import Latency
from build.emotion.metrics import Bools, Interval
from build.emotion.onnx_encoder import OnnxEncoder
from build.errors import DataError

_BATCH = 32
_DRAWS = 2000


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """Averages over the labels; thresholds cross-fitted on dev, mean over the repeats."""

    macro_f1: float
    macro_f1_interval: Interval
    micro_f1: float
    macro_precision: float
    macro_recall: float
    macro_f1_fitted_and_scored_on_dev: float
    """The flattering figure, for comparison with papers that publish it."""
    calibration_error: float


class LabelScore(msgspec.Struct, frozen=True, kw_only=True):
    """One label of the int8 model."""

    label: str
    examples: int
    threshold: float
    precision: float
    recall: float
    f1: float


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a model card says about a model."""

    rows: int
    int8: Score
    fp32: Score
    int8_minus_fp32: float
    int8_minus_fp32_interval: Interval
    labels: list[LabelScore]
    drift_by_length: Drift
    drift_mixed: Drift
    int8_megabytes: float
    fp32_megabytes: float
    latency: dict[str, Latency] = {}
    """By engine; absent until measured."""


class Judged(NamedTuple):
    """One model's dev results: thresholds fitted on all of dev, cross-fitted decisions, a set a repeat."""

    probabilities: npt.NDArray[np.float64]
    thresholds: thresholds.Thresholds
    decisions: list[Bools]


def evaluate(
    int8: OnnxEncoder, fp32: OnnxEncoder, paths: tuple[Path, Path], dev: Examples, config: Config
) -> Evaluation:
    """Score both models (files ``paths``, int8 first) on ``dev``; the int8 thresholds are those that ship."""
    rows = int8.rows(dev.texts)
    truth = dev.targets > 0
    alone = drift.run_alone(int8, rows)
    small = judge(alone, truth, config)
    large = judge(drift.run_alone(fp32, rows), truth, config)
    weights = metrics.resample(len(truth), _DRAWS, config.seed)
    samples = [metrics.bootstrap_macro_f1(each.decisions, truth, weights) for each in (small, large)]
    scores = [_score(each, truth, sample) for each, sample in zip((small, large), samples, strict=True)]
    return Evaluation(
        rows=len(truth),
        int8=scores[0],
        fp32=scores[1],
        int8_minus_fp32=scores[0].macro_f1 - scores[1].macro_f1,
        int8_minus_fp32_interval=metrics.interval(samples[0] - samples[1]),
        labels=_label_scores(small, truth, dev.labels),
        drift_by_length=drift.measure(alone, drift.run_by_length(int8, rows, _BATCH), small.thresholds),
        drift_mixed=drift.measure(alone, drift.run_mixed(int8, rows, _BATCH), small.thresholds),
        int8_megabytes=paths[0].stat().st_size / 1e6,
        fp32_megabytes=paths[1].stat().st_size / 1e6,
    )


def judge(logits: npt.NDArray[np.float32], truth: Bools, config: Config) -> Judged:
    """Fit thresholds to logits (n, labels) and cross-fit decisions."""
    chances = metrics.sigmoid(logits)
    fitted = thresholds.fit(chances, truth, config.thresholds)
    return Judged(chances, fitted, thresholds.cross_fit_often(chances, truth, config.thresholds, config.seed))


def load(path: Path) -> Evaluation:
    """Read what an evaluation wrote.

    Raises:
        DataError: there is none, or it is of another shape.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Evaluation)
    except (OSError, msgspec.MsgspecError) as error:
        raise DataError(f"{path}: no evaluation to read ({error})") from error


def _score(judged: Judged, truth: Bools, samples: npt.NDArray[np.float64]) -> Score:
    counts = [metrics.count(each, truth) for each in judged.decisions]
    fitted = judged.probabilities >= judged.thresholds
    return Score(
        macro_f1=float(np.mean([each.f1() for each in counts])),
        macro_f1_interval=metrics.interval(samples),
        micro_f1=float(np.mean([each.total().f1() for each in counts])),
        macro_precision=float(np.mean([each.precision() for each in counts])),
        macro_recall=float(np.mean([each.recall() for each in counts])),
        macro_f1_fitted_and_scored_on_dev=metrics.macro_f1(fitted, truth),
        calibration_error=metrics.calibration_error(judged.probabilities, truth),
    )


def _label_scores(judged: Judged, truth: Bools, labels: list[str]) -> list[LabelScore]:
    counts = [metrics.count(each, truth) for each in judged.decisions]
    precision, recall, f1 = (
        np.mean([part(each) for each in counts], axis=0)
        for part in (metrics.Counts.precision, metrics.Counts.recall, metrics.Counts.f1)
    )
    return [
        LabelScore(
            label=label,
            examples=int(truth[:, at].sum()),
            threshold=float(judged.thresholds[at]),
            precision=float(precision[at]),
            recall=float(recall[at]),
            f1=float(f1[at]),
        )
        for at, label in enumerate(labels)
    ]
