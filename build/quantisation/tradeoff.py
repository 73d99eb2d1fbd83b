"""Size, speed and F1 of graphs side by side, and which of them ships.

The rule: of the graphs that surely lose no more than ``most_lost`` macro-F1 against float32 (the whole paired
interval) and are no larger than ``megabytes``, those within ``tie`` of the quickest's median time are as good
as equally quick; the smallest of them ships. Where none is sure, the loss itself decides. A graph whose
results depend on company ships only where no other qualifies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from build import tokens
from build.errors import ArtifactError
from build.evaluation import crossfit, drift, intervals, metrics
from build.evaluation.metrics import Bools
from build.evaluation.records import Drift, Estimate, GraphRecord, Latency
from build.evaluation.thresholds import More
from build.files import write_json
from build.quantisation import timing
from functions.shared.runtime.onnx import load_session

Logits = npt.NDArray[np.float32]
Rows = Sequence[Sequence[int]]
_DRAWS = 2000
_DRIFTING = 1000
_TOGETHER = 32


class Candidate(NamedTuple):
    """A graph to judge; ``rows`` are dev's texts in its tokens, where it has a vocabulary of its own.

    ``alone``: its texts must run one at a time.
    """

    graph: Path
    note: str
    rows: Rows | None = None
    alone: bool = False


class Dev(NamedTuple):
    """The texts graphs are judged on, in tokens, and what is true of them (n, labels); how to judge.

    ``more`` texts help to fit thresholds.
    """

    rows: Rows
    truth: Bools
    method: crossfit.Method
    output: str = "emotions"
    more: More | None = None


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a graph must keep to ship."""

    most_lost: float = 0.003
    megabytes: float = 24.0
    tie: float = 1.1


def compare(candidates: Mapping[str, Candidate], dev: Dev, rule: Rule, timed: int = 200) -> list[GraphRecord]:
    """Judge every graph; the first is the float32 one that the others are measured against."""
    alone = {name: run_alone(each.graph, _rows(each, dev), dev.output) for name, each in candidates.items()}
    judged = {name: crossfit.judge(logits, dev.truth, dev.method, dev.more) for name, logits in alone.items()}
    picked = np.random.default_rng(dev.method.seed).choice(
        len(dev.rows), min(timed, len(dev.rows)), replace=False
    )
    times = timing.of_graphs(
        {
            name: (each.graph, [_rows(each, dev)[index] for index in picked])
            for name, each in candidates.items()
        }
    )
    base = next(iter(candidates))
    weights = metrics.resample(len(dev.truth), _DRAWS, dev.method.seed)
    rows = [
        _row(name, each, dev, _Found(alone, judged, times, weights, candidates[base].graph, base))
        for name, each in candidates.items()
    ]
    return choose(rows, rule)


def choose(rows: Sequence[GraphRecord], rule: Rule) -> list[GraphRecord]:
    """Mark the one that ships by the rule this module states.

    Raises:
        ArtifactError: none of them may ship.
    """
    small = [each for each in rows if each.megabytes <= rule.megabytes]
    sure = [each for each in small if -each.minus_fp32_interval[0] <= rule.most_lost]
    fit = sure or [each for each in small if -each.minus_fp32 <= rule.most_lost]
    fit = [each for each in fit if not each.alone] or fit
    if not fit:
        raise ArtifactError(f"no graph of {len(rows)} is within {rule.megabytes} MB and {rule.most_lost} F1")
    quickest = min(each.median_ms for each in fit)
    ships = min((each for each in fit if each.median_ms <= rule.tie * quickest), key=lambda x: x.megabytes)
    return [msgspec.structs.replace(each, ships=each is ships) for each in rows]


def write(rows: Sequence[GraphRecord], path: Path) -> None:
    write_json(path, list(rows))


def run_alone(graph: Path, rows: Rows, output: str) -> Logits:
    """Logits (n, labels), a text at a time."""
    session = load_session(graph)
    return np.concatenate([session.run([output], _feed([row]))[0] for row in rows])


class _Found(NamedTuple):
    alone: Mapping[str, Logits]
    judged: Mapping[str, crossfit.Judged]
    times: Mapping[str, Latency]
    weights: npt.NDArray[np.float64]
    base_graph: Path
    base: str


def _row(name: str, candidate: Candidate, dev: Dev, found: _Found) -> GraphRecord:
    own, base = found.judged[name], found.judged[found.base]
    macro, micro = intervals.macro_and_micro(own.decisions, dev.truth, found.weights)
    lost = intervals.compare(own.decisions, base.decisions, dev.truth, found.weights)
    megabytes = [path.stat().st_size / 1e6 for path in (candidate.graph, found.base_graph)]
    return GraphRecord(
        variant=name,
        megabytes=megabytes[0],
        ratio_to_fp32=megabytes[1] / megabytes[0],
        median_ms=found.times[name].median_ms,
        p95_ms=found.times[name].p95_ms,
        speed_ratio_to_fp32=found.times[found.base].median_ms / found.times[name].median_ms,
        macro_f1=macro.value,
        macro_f1_interval=_ends(macro),
        micro_f1=micro.value,
        minus_fp32=lost.macro_f1.value,
        minus_fp32_interval=_ends(lost.macro_f1),
        micro_minus_fp32=lost.micro_f1.value,
        fidelity=float(np.sqrt(np.mean((found.alone[name] - found.alone[found.base]) ** 2))),
        drift=_drift(candidate, dev, found.alone[name], own.fitted),
        alone=candidate.alone,
        ships=False,
        note=candidate.note,
    )


def _drift(candidate: Candidate, dev: Dev, alone: Logits, fitted: crossfit.Fitted) -> Drift:
    """On the first of the texts."""
    rows = _rows(candidate, dev)[:_DRIFTING]
    together = drift.run_mixed(load_session(candidate.graph), rows, _TOGETHER)
    return drift.measure(alone[:_DRIFTING], together, fitted)


def _rows(candidate: Candidate, dev: Dev) -> Rows:
    return dev.rows if candidate.rows is None else candidate.rows


def _feed(rows: Rows) -> dict[str, npt.NDArray[np.int64]]:
    return dict(zip(("input_ids", "attention_mask"), tokens.pad(rows), strict=True))


def _ends(estimate: Estimate) -> tuple[float, float]:
    return estimate.low, estimate.high
