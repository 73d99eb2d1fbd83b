"""Compares graphs by size, latency and F1, and selects the one that ships.

The rule: among the graphs that lose at most ``max_f1_loss`` macro-F1 against float32 (the whole paired
confidence interval) and are at most ``max_megabytes`` large, those within ``latency_tolerance`` of the
fastest median latency count as equally fast; the smallest of them ships. If no whole interval is within the
limit, the point estimate decides. A graph whose results depend on the other texts in a batch ships only if no
other qualifies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from build import tokenization
from build.errors import ArtifactError
from build.evaluation import batch_effects, bootstrap, cross_validation, metrics
from build.evaluation.metrics import Bools
from build.evaluation.records import BatchEffect, Estimate, GraphRecord, Latency
from build.evaluation.thresholds import OutOfFold
from build.files import write_json
from build.quantization import latency
from functions.shared.runtime.onnx import load_session

Logits = npt.NDArray[np.float32]
Rows = Sequence[Sequence[int]]
_DRAWS = 2000
_BATCH_EFFECT_TEXTS = 1000
_BATCH_SIZE = 32


class Candidate(NamedTuple):
    """A graph to compare; ``rows`` are dev's texts in its own token ids if it has another vocabulary.

    ``batch_sensitive``: texts must run one at a time.
    """

    graph: Path
    note: str
    rows: Rows | None = None
    batch_sensitive: bool = False


class DevSet(NamedTuple):
    """Texts in token ids, their labels (n, labels), and how decisions are fitted.

    ``extra`` predictions help to fit the thresholds.
    """

    rows: Rows
    truth: Bools
    decision: cross_validation.DecisionConfig
    output: str = "emotions"
    extra: OutOfFold | None = None


class SelectionRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Requirements for shipping."""

    max_f1_loss: float = 0.003
    max_megabytes: float = 24.0
    latency_tolerance: float = 1.1


def compare(
    candidates: Mapping[str, Candidate], dev: DevSet, rule: SelectionRule, timed: int = 200
) -> list[GraphRecord]:
    """Evaluate every graph; the first one is float32, which the others are compared with."""
    logits = {
        name: run_alone(candidate.graph, _rows(candidate, dev), dev.output)
        for name, candidate in candidates.items()
    }
    results = {
        name: cross_validation.cross_validate(logits, dev.truth, dev.decision, dev.extra)
        for name, logits in logits.items()
    }
    timed_rows = np.random.default_rng(dev.decision.seed).choice(
        len(dev.rows), min(timed, len(dev.rows)), replace=False
    )
    times = latency.time_graphs(
        {
            name: (candidate.graph, [_rows(candidate, dev)[index] for index in timed_rows])
            for name, candidate in candidates.items()
        }
    )
    reference = next(iter(candidates))
    weights = metrics.bootstrap_weights(len(dev.truth), _DRAWS, dev.decision.seed)
    rows = [
        _row(
            name,
            candidate,
            dev,
            _Measurements(logits, results, times, weights, candidates[reference].graph, reference),
        )
        for name, candidate in candidates.items()
    ]
    return select(rows, rule)


def select(rows: Sequence[GraphRecord], rule: SelectionRule) -> list[GraphRecord]:
    """Mark the graph that ships by the rule of this module.

    Raises:
        ArtifactError: none qualifies.
    """
    small = [row for row in rows if row.megabytes <= rule.max_megabytes]
    certain = [row for row in small if -row.minus_fp32_interval[0] <= rule.max_f1_loss]
    qualified = certain or [row for row in small if -row.minus_fp32 <= rule.max_f1_loss]
    qualified = [row for row in qualified if not row.batch_sensitive] or qualified
    if not qualified:
        raise ArtifactError(
            f"no graph of {len(rows)} is within {rule.max_megabytes} MB and {rule.max_f1_loss} F1"
        )
    fastest = min(row.median_ms for row in qualified)
    ships = min(
        (row for row in qualified if row.median_ms <= rule.latency_tolerance * fastest),
        key=lambda x: x.megabytes,
    )
    return [msgspec.structs.replace(row, ships=row is ships) for row in rows]


def write(rows: Sequence[GraphRecord], path: Path) -> None:
    write_json(path, list(rows))


def run_alone(graph: Path, rows: Rows, output: str) -> Logits:
    """Logits (n, labels), one text at a time."""
    session = load_session(graph)
    return np.concatenate([session.run([output], _feed([row]))[0] for row in rows])


class _Measurements(NamedTuple):
    logits: Mapping[str, Logits]
    results: Mapping[str, cross_validation.CrossValidated]
    times: Mapping[str, Latency]
    weights: npt.NDArray[np.float64]
    reference_graph: Path
    reference: str


def _row(name: str, candidate: Candidate, dev: DevSet, measured: _Measurements) -> GraphRecord:
    result, reference = measured.results[name], measured.results[measured.reference]
    macro, micro = bootstrap.macro_and_micro_f1(result.decisions, dev.truth, measured.weights)
    difference = bootstrap.paired_difference(
        result.decisions, reference.decisions, dev.truth, measured.weights
    )
    megabytes = [path.stat().st_size / 1e6 for path in (candidate.graph, measured.reference_graph)]
    return GraphRecord(
        variant=name,
        megabytes=megabytes[0],
        ratio_to_fp32=megabytes[1] / megabytes[0],
        median_ms=measured.times[name].median_ms,
        p95_ms=measured.times[name].p95_ms,
        speed_ratio_to_fp32=measured.times[measured.reference].median_ms / measured.times[name].median_ms,
        macro_f1=macro.value,
        macro_f1_interval=_bounds(macro),
        micro_f1=micro.value,
        minus_fp32=difference.macro_f1.value,
        minus_fp32_interval=_bounds(difference.macro_f1),
        micro_minus_fp32=difference.micro_f1.value,
        logit_rmse=float(
            np.sqrt(np.mean((measured.logits[name] - measured.logits[measured.reference]) ** 2))
        ),
        batch_effect=_batch_effect(candidate, dev, measured.logits[name], result.rule),
        batch_sensitive=candidate.batch_sensitive,
        ships=False,
        note=candidate.note,
    )


def _batch_effect(
    candidate: Candidate, dev: DevSet, alone: Logits, rule: cross_validation.DecisionRule
) -> BatchEffect:
    """On the first of the texts."""
    rows = _rows(candidate, dev)[:_BATCH_EFFECT_TEXTS]
    batched = batch_effects.run_unsorted(load_session(candidate.graph), rows, _BATCH_SIZE)
    return batch_effects.compare(alone[:_BATCH_EFFECT_TEXTS], batched, rule)


def _rows(candidate: Candidate, dev: DevSet) -> Rows:
    return dev.rows if candidate.rows is None else candidate.rows


def _feed(rows: Rows) -> dict[str, npt.NDArray[np.int64]]:
    return dict(zip(("input_ids", "attention_mask"), tokenization.pad_batch(rows), strict=True))


def _bounds(estimate: Estimate) -> tuple[float, float]:
    return estimate.low, estimate.high
