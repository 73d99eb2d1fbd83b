"""Measures exactly what ships: each head of the int8 file on dev, beside the float32 one it was made from.

Logits come from the code that serves them; everything made of them is in `build.evaluation`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from build import tokens
from build.data.examples import Examples
from build.data.slices import slices
from build.emotion.config import Config
from build.emotion.reader import Reader
from build.errors import DataError
from build.evaluation import crossfit, drift, harness, intervals, metrics, robustness
from build.evaluation.calibration import Tempering
from build.evaluation.crossfit import Judged, Method
from build.evaluation.harness import Options, Subject
from build.evaluation.metrics import Bools, Floats
from build.evaluation.records import (
    Baseline,
    Drift,
    Evaluation,
    HeadEvaluation,
    HeadRecord,
    RobustnessRecord,
)
from build.evaluation.thresholds import More
from functions.shared.runtime.onnx import GRAPH, load_session
from functions.shared.text.encoder import TOKENIZER

__all__ = ["Evaluation", "Options", "evaluate", "load"]

log = logging.getLogger(__name__)

MAIN = "emotions"
DATA = {MAIN: "GoEmotions dev", "feelings": "Lemotif dev", "topics": "Lemotif dev"}
_BATCH = 32


class Simple(NamedTuple):
    """A simpler way's probabilities (n, labels), and what it says of texts it was not fitted on."""

    probabilities: Floats
    more: More | None = None


Baselines = Mapping[str, Simple]
"""By name."""


class Bench(NamedTuple):
    """What evaluating one head works with: dev with its own labels, ``more`` texts for its thresholds."""

    head: str
    dev: Examples
    method: Method
    options: Options
    more: More | None = None

    @property
    def truth(self) -> Bools:
        return np.asarray(self.dev.targets > 0)

    @property
    def weights(self) -> Floats:
        return metrics.resample(len(self.dev.texts), self.options.draws, self.method.seed)

    def record(
        self, model: str, logits: Floats, judged: Judged, parts: Mapping[str, Bools] | None = None
    ) -> HeadRecord:
        subject = Subject(self.head, model, DATA.get(self.head, "dev"))
        return harness.measure(subject, self.dev, logits, judged, self.method, self.options, parts or {})


def evaluate(
    int8: Path,
    fp32: Path,
    dev: Mapping[str, Examples],
    config: Config,
    *,
    baselines: Mapping[str, Baselines] | None = None,
    more: Mapping[str, More] | None = None,
    tempering: Tempering = Tempering(),  # noqa: B008
    options: Options = Options(),  # noqa: B008
) -> Evaluation:
    """Score two exported folders on ``dev``, examples by head, in the code that serves them.

    Temperatures, offsets and thresholds in the int8 records, fitted on all of ``dev``, are those that ship.
    ``baselines`` gives, by head and name, probabilities of the same texts and of the head's labels in order;
    ``more``, by head, what is known of texts the model hasn't seen, for the thresholds.

    Raises:
        DataError: heads or labels of ``dev`` or ``baselines`` are not the model's.
    """
    small, large = Reader(int8), Reader(fp32)
    method = Method(search=config.thresholds, tempering=tempering, seed=config.seed)
    benches = {
        name: Bench(name, small.align(name, each), method, options, (more or {}).get(name))
        for name, each in dev.items()
    }
    heads = {
        name: _head(bench, small, large, (baselines or {}).get(name, {})) for name, bench in benches.items()
    }
    by_length, mixed = _drifts(small, benches[MAIN].dev.texts, heads[MAIN].int8)
    return Evaluation(
        heads=heads,
        drift_by_length=by_length,
        drift_mixed=mixed,
        int8_megabytes=(int8 / GRAPH).stat().st_size / 1e6,
        fp32_megabytes=(fp32 / GRAPH).stat().st_size / 1e6,
    )


def load(path: Path) -> Evaluation:
    """Read what an evaluation wrote.

    Raises:
        DataError: there is none, or it is of another shape.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Evaluation)
    except (OSError, msgspec.MsgspecError) as error:
        raise DataError(f"{path}: no evaluation to read ({error})") from error


def _head(bench: Bench, small: Reader, large: Reader, baselines: Baselines) -> HeadEvaluation:
    log.info("evaluating %s on %d texts", bench.head, len(bench.dev.texts))
    scores = small.logits(bench.head, bench.dev.texts), large.logits(bench.head, bench.dev.texts)
    ours, full = (crossfit.judge(each, bench.truth, bench.method, bench.more) for each in scores)
    record = bench.record("int8", scores[0], ours, slices(bench.dev))
    return HeadEvaluation(
        int8=msgspec.structs.replace(record, robustness=_robustness(bench, small, ours)),
        fp32=bench.record("float32", scores[1], full),
        int8_minus_fp32=intervals.compare(ours.decisions, full.decisions, bench.truth, bench.weights),
        baselines=[_baseline(bench, name, each, ours) for name, each in baselines.items()],
    )


def _baseline(bench: Bench, name: str, simple: Simple, ours: Judged) -> Baseline:
    shape = simple.probabilities.shape
    if shape != bench.truth.shape:
        raise DataError(f"baseline {name!r}: {shape} probabilities, not {bench.truth.shape}")
    logits = metrics.logit(simple.probabilities)
    judged = crossfit.judge(logits, bench.truth, bench.method, simple.more)
    return Baseline(
        record=bench.record(name, logits, judged),
        shipped_minus_baseline=intervals.compare(
            ours.decisions, judged.decisions, bench.truth, bench.weights
        ),
    )


def _robustness(bench: Bench, reader: Reader, judged: Judged) -> list[RobustnessRecord]:
    options, seed = bench.options, bench.method.seed
    return robustness.measure(
        lambda texts: reader.logits(bench.head, texts),
        robustness.choose(bench.dev, options.robustness_rows, seed),
        judged.fitted,
        options.strengths,
        options.draws,
        seed,
    )


def _drifts(reader: Reader, texts: Sequence[str], shipped: HeadRecord) -> list[Drift]:
    session = load_session(reader.folder / GRAPH)
    tokenizer = tokens.open_tokenizer(reader.folder / TOKENIZER)
    rows = tokens.encode(tokenizer, texts, reader.encoder.config.max_length)
    runs = (drift.run_by_length(session, rows, _BATCH), drift.run_mixed(session, rows, _BATCH))
    alone, fitted = reader.logits(MAIN, texts), crossfit.recall(shipped)
    return [drift.measure(alone, run, fitted) for run in runs]
