"""Graphs are measured, and the one that ships follows from the selection rule."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.build
pytest.importorskip("torch", exc_type=ImportError)

from build.errors import ArtifactError  # noqa: E402
from build.evaluation import cross_validation  # noqa: E402
from build.evaluation.records import BatchEffect, GraphRecord  # noqa: E402
from build.evaluation.thresholds import ThresholdSearch  # noqa: E402
from build.quantization import tradeoff, variants  # noqa: E402
from build.quantization.embedding_tables import quantize_blocks, quantize_rows  # noqa: E402
from build.quantization.tradeoff import Candidate, DevSet, SelectionRule  # noqa: E402

if TYPE_CHECKING:
    from build.quantization.variants import Source


def record(
    variant: str,
    megabytes: float,
    median_ms: float,
    lost: float,
    batch_sensitive: bool = False,
    spread: float = 0.0,
) -> GraphRecord:
    return GraphRecord(
        variant=variant,
        megabytes=megabytes,
        ratio_to_fp32=90 / megabytes,
        median_ms=median_ms,
        p95_ms=2 * median_ms,
        speed_ratio_to_fp32=1.0,
        macro_f1=0.5,
        macro_f1_interval=(0.4, 0.6),
        micro_f1=0.6,
        minus_fp32=-lost,
        minus_fp32_interval=(-lost - spread, -lost + spread),
        micro_minus_fp32=-lost,
        logit_rmse=0.1,
        batch_effect=BatchEffect(mean=0.0, largest=0.0, decisions_changed=0.0),
        batch_sensitive=batch_sensitive,
        ships=False,
        note="",
    )


def selected(*rows: GraphRecord) -> str:
    (name,) = [graph.variant for graph in tradeoff.select(rows, SelectionRule()) if graph.ships]
    return name


def test_smallest_of_the_about_equally_fast_graphs_ships() -> None:
    assert selected(record("a", 23, 1.5, 0), record("b", 18, 1.6, 0.002), record("c", 14, 2.5, 0)) == "b"


def test_lossy_or_large_graphs_never_ship() -> None:
    assert (
        selected(record("fp32", 90, 0.5, 0), record("lossy", 10, 0.5, 0.004), record("ok", 23, 3, 0.003))
        == "ok"
    )


def test_uncertain_loss_ships_only_if_no_loss_is_certain() -> None:
    unsure, sure = record("unsure", 10, 1, 0.0, spread=0.01), record("sure", 20, 2, 0.001, spread=0.001)
    assert selected(unsure, sure) == "sure"
    assert selected(unsure) == "unsure"


def test_batch_sensitive_graph_ships_only_if_no_other_qualifies() -> None:
    sensitive, insensitive = record("moody", 10, 1, 0, batch_sensitive=True), record("steady", 20, 2, 0)
    assert selected(sensitive, insensitive) == "steady"
    assert selected(sensitive) == "moody"


def test_nothing_ships_if_nothing_qualifies() -> None:
    with pytest.raises(ArtifactError, match="no graph of 1"):
        tradeoff.select([record("fp32", 90, 4, 0)], SelectionRule())


def test_graphs_are_compared_with_the_first_one(
    source: Source, rows: list[list[int]], tmp_path: Path
) -> None:
    names = ("fp32", "int8-dynamic", "int8-static")
    for name in names:
        variants.write(name, source, tmp_path / f"{name}.onnx")
    candidates = {name: Candidate(tmp_path / f"{name}.onnx", variants.VARIANTS[name].note) for name in names}
    truth = tradeoff.run_alone(tmp_path / "fp32.onnx", rows, "emotions") > 0
    dev = DevSet(rows, truth, cross_validation.DecisionConfig(thresholds=ThresholdSearch(repeats=1)))
    records = tradeoff.compare(candidates, dev, SelectionRule(max_f1_loss=1.0), timed=4)
    tradeoff.write(records, tmp_path / "tradeoff.json")
    read = msgspec.convert(json.loads((tmp_path / "tradeoff.json").read_text()), list[GraphRecord])
    assert read == records
    exact, sensitive, insensitive = records
    assert (exact.minus_fp32, exact.logit_rmse, exact.ratio_to_fp32) == (0.0, 0.0, 1.0)
    assert min(sensitive.logit_rmse, insensitive.logit_rmse, insensitive.median_ms) > 0
    assert sensitive.batch_effect.mean > 100 * insensitive.batch_effect.mean
    assert sum(graph.ships for graph in records) == 1


tables = st.tuples(st.integers(1, 8), st.integers(1, 3), st.integers(0, 99), st.floats(1e-3, 1e3))


@given(tables)
def test_quantized_tables_differ_by_at_most_half_a_step(shape: tuple[int, int, int, float]) -> None:
    rows, blocks, seed, size = shape
    table = np.random.default_rng(seed).normal(0, size, (rows, blocks * 32)).astype(np.float32)
    eight, scales = quantize_rows(table)
    assert (np.abs(eight * scales - table) <= 0.501 * scales).all()
    four, steps, zeros = quantize_blocks(table)
    read = (four.reshape(rows, blocks, 32).astype(np.float32) - zeros[..., None]) * steps[..., None]
    assert four.max() <= 15
    assert (np.abs(read.reshape(table.shape) - table) <= 1.01 * np.repeat(steps, 32, axis=1)).all()


def test_row_of_zeros_stays_zero() -> None:
    quantized, scales = quantize_rows(np.zeros((2, 32), dtype=np.float32))
    assert not quantized.any()
    assert (scales > 0).all()
