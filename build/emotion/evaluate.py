"""Measures exactly what ships: the int8 file, on the dev split, beside the float32 one it was made from."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from build import tokens
from build.data.goemotions import Examples
from build.emotion.config import Config
from build.emotion.latency import Latency
from build.errors import DataError
from build.evaluation import drift, metrics, thresholds
from build.evaluation.drift import Drift
from build.evaluation.metrics import Bools, Interval
from functions.shared.encoder import TOKENIZER, load_encoder
from functions.shared.onnx import GRAPH, load_session

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


def evaluate(int8: Path, fp32: Path, dev: Examples, config: Config) -> Evaluation:
    """Score two exported folders on ``dev``, in the code that serves them.

    The thresholds of the result, fitted to the int8 model on all of ``dev``, are those that ship.
    """
    truth = dev.targets > 0
    alone = logits(int8, dev.texts)
    judged = judge(alone, truth, config), judge(logits(fp32, dev.texts), truth, config)
    weights = metrics.resample(len(truth), _DRAWS, config.seed)
    samples = [metrics.bootstrap_macro_f1(each.decisions, truth, weights) for each in judged]
    small, large = (_score(each, truth, sample) for each, sample in zip(judged, samples, strict=True))
    by_length, mixed = _drifts(int8, dev.texts, alone, judged[0])
    return Evaluation(
        rows=len(truth),
        int8=small,
        fp32=large,
        int8_minus_fp32=small.macro_f1 - large.macro_f1,
        int8_minus_fp32_interval=metrics.interval(samples[0] - samples[1]),
        labels=_label_scores(judged[0], truth, dev.labels),
        drift_by_length=by_length,
        drift_mixed=mixed,
        int8_megabytes=(int8 / GRAPH).stat().st_size / 1e6,
        fp32_megabytes=(fp32 / GRAPH).stat().st_size / 1e6,
    )


def logits(folder: Path, texts: list[str]) -> npt.NDArray[np.float32]:
    """Emotion logits (n, labels) of the model in ``folder``, exactly as served."""
    return load_encoder(folder).encode(texts).heads["emotions"]


def _drifts(folder: Path, texts: list[str], alone: npt.NDArray[np.float32], judged: Judged) -> list[Drift]:
    session = load_session(folder / GRAPH)
    rows = tokens.encode(
        tokens.open_tokenizer(folder / TOKENIZER), texts, load_encoder(folder).config.max_length
    )
    runs = (drift.run_by_length(session, rows, _BATCH), drift.run_mixed(session, rows, _BATCH))
    return [drift.measure(alone, run, judged.thresholds) for run in runs]


def judge(scores: npt.NDArray[np.float32], truth: Bools, config: Config) -> Judged:
    """Fit thresholds to logits ``scores`` (n, labels) and cross-fit decisions."""
    chances = metrics.sigmoid(scores)
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
