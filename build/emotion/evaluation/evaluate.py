"""Evaluates each head of the int8 model on dev, next to the float32 model it was made from.

Logits come from the serving code; the metrics are in `build.evaluation`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from build import tokenization
from build.data.dataset import Dataset
from build.data.slices import slices
from build.emotion.config import Config
from build.emotion.evaluation.served_model import ServedModel
from build.errors import DataError
from build.evaluation import batch_effects, bootstrap, cross_validation, harness, metrics, robustness
from build.evaluation.calibration import CalibrationConfig
from build.evaluation.cross_validation import CrossValidated, DecisionConfig
from build.evaluation.harness import EvaluatedModel, EvaluationConfig
from build.evaluation.metrics import Bools, Floats
from build.evaluation.records import (
    Baseline,
    BatchEffect,
    Evaluation,
    HeadEvaluation,
    HeadRecord,
    RobustnessRecord,
)
from build.evaluation.thresholds import OutOfFold
from functions.shared.runtime.onnx import GRAPH, load_session
from functions.shared.text.encoder import TOKENIZER

__all__ = ["Evaluation", "EvaluationConfig", "evaluate", "load"]

log = logging.getLogger(__name__)

MAIN = "emotions"
DATA = {MAIN: "GoEmotions dev", "feelings": "Lemotif dev", "topics": "Lemotif dev"}
_BATCH = 32


class BaselinePredictions(NamedTuple):
    """A baseline's probabilities (n, labels), and its out-of-fold predictions on other texts."""

    probabilities: Floats
    extra: OutOfFold | None = None


Baselines = Mapping[str, BaselinePredictions]
"""By name."""


class HeadBenchmark(NamedTuple):
    """Inputs for evaluating one head; ``extra`` predictions help to fit the thresholds."""

    head: str
    dev: Dataset
    decision: DecisionConfig
    config: EvaluationConfig
    extra: OutOfFold | None = None

    @property
    def truth(self) -> Bools:
        return np.asarray(self.dev.targets > 0)

    @property
    def weights(self) -> Floats:
        return metrics.bootstrap_weights(
            len(self.dev.texts), self.config.bootstrap_samples, self.decision.seed
        )

    def record(
        self,
        model: str,
        logits: Floats,
        results: CrossValidated,
        slice_masks: Mapping[str, Bools] | None = None,
    ) -> HeadRecord:
        evaluated = EvaluatedModel(self.head, model, DATA.get(self.head, "dev"))
        return harness.evaluate_head(
            evaluated, self.dev, logits, results, self.decision, self.config, slice_masks or {}
        )


def evaluate(
    int8: Path,
    fp32: Path,
    dev: Mapping[str, Dataset],
    config: Config,
    *,
    baselines: Mapping[str, Baselines] | None = None,
    extra: Mapping[str, OutOfFold] | None = None,
    calibration_config: CalibrationConfig = CalibrationConfig(),  # noqa: B008
    options: EvaluationConfig = EvaluationConfig(),  # noqa: B008
) -> Evaluation:
    """Score two exported folders on ``dev``, datasets by head, with the serving code.

    The temperatures, offsets and thresholds of the int8 records are fitted on all of ``dev``; these ship.
    ``baselines`` are predictions for the same texts and label order, by head and name; ``extra`` are
    out-of-fold predictions by head, which help to fit the thresholds.

    Raises:
        DataError: heads or labels of ``dev`` or ``baselines`` differ from the model's.
    """
    int8_model, fp32_model = ServedModel(int8), ServedModel(fp32)
    decision = DecisionConfig(thresholds=config.thresholds, calibration=calibration_config, seed=config.seed)
    benchmarks = {
        name: HeadBenchmark(name, int8_model.align(name, dataset), decision, options, (extra or {}).get(name))
        for name, dataset in dev.items()
    }
    heads = {
        name: _head(benchmark, int8_model, fp32_model, (baselines or {}).get(name, {}))
        for name, benchmark in benchmarks.items()
    }
    length_sorted, unsorted = _batch_effects(int8_model, benchmarks[MAIN].dev.texts, heads[MAIN].int8)
    return Evaluation(
        heads=heads,
        batch_effect_length_sorted=length_sorted,
        batch_effect_unsorted=unsorted,
        int8_megabytes=(int8 / GRAPH).stat().st_size / 1e6,
        fp32_megabytes=(fp32 / GRAPH).stat().st_size / 1e6,
    )


def load(path: Path) -> Evaluation:
    """Read the result of an evaluation.

    Raises:
        DataError: the file is missing or has another format.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Evaluation)
    except (OSError, msgspec.MsgspecError) as error:
        raise DataError(f"{path}: no valid evaluation ({error})") from error


def _head(
    benchmark: HeadBenchmark, int8_model: ServedModel, fp32_model: ServedModel, baselines: Baselines
) -> HeadEvaluation:
    log.info("evaluating %s on %d texts", benchmark.head, len(benchmark.dev.texts))
    logits = (
        int8_model.logits(benchmark.head, benchmark.dev.texts),
        fp32_model.logits(benchmark.head, benchmark.dev.texts),
    )
    int8_results, fp32_results = (
        cross_validation.cross_validate(values, benchmark.truth, benchmark.decision, benchmark.extra)
        for values in logits
    )
    record = benchmark.record("int8", logits[0], int8_results, slices(benchmark.dev))
    return HeadEvaluation(
        int8=msgspec.structs.replace(record, robustness=_robustness(benchmark, int8_model, int8_results)),
        fp32=benchmark.record("float32", logits[1], fp32_results),
        int8_minus_fp32=bootstrap.paired_difference(
            int8_results.decisions, fp32_results.decisions, benchmark.truth, benchmark.weights
        ),
        baselines=[_baseline(benchmark, name, values, int8_results) for name, values in baselines.items()],
    )


def _baseline(
    benchmark: HeadBenchmark, name: str, predictions: BaselinePredictions, shipped: CrossValidated
) -> Baseline:
    shape = predictions.probabilities.shape
    if shape != benchmark.truth.shape:
        raise DataError(f"baseline {name!r}: {shape} probabilities, not {benchmark.truth.shape}")
    logits = metrics.logit(predictions.probabilities)
    results = cross_validation.cross_validate(logits, benchmark.truth, benchmark.decision, predictions.extra)
    return Baseline(
        record=benchmark.record(name, logits, results),
        shipped_minus_baseline=bootstrap.paired_difference(
            shipped.decisions, results.decisions, benchmark.truth, benchmark.weights
        ),
    )


def _robustness(
    benchmark: HeadBenchmark, model: ServedModel, results: CrossValidated
) -> list[RobustnessRecord]:
    options, seed = benchmark.config, benchmark.decision.seed
    return robustness.measure_robustness(
        lambda texts: model.logits(benchmark.head, texts),
        robustness.subsample(benchmark.dev, options.robustness_texts, seed),
        results.rule,
        options.noise_strengths,
        options.bootstrap_samples,
        seed,
    )


def _batch_effects(model: ServedModel, texts: Sequence[str], shipped: HeadRecord) -> list[BatchEffect]:
    session = load_session(model.folder / GRAPH)
    tokenizer = tokenization.load_tokenizer(model.folder / TOKENIZER)
    rows = tokenization.encode(tokenizer, texts, model.encoder.config.max_length)
    runs = (
        batch_effects.run_length_sorted(session, rows, _BATCH),
        batch_effects.run_unsorted(session, rows, _BATCH),
    )
    logits, rule = model.logits(MAIN, texts), cross_validation.shipped_rule(shipped)
    return [batch_effects.compare(logits, run, rule) for run in runs]
