"""The table is measured, and what ships follows from it by the stated rule."""

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
from build.quantization import (  # noqa: E402
    tradeoff,
    variants,
)
from build.quantization.embedding_tables import quantize_blocks, quantize_rows  # noqa: E402
from build.quantization.tradeoff import Candidate, DevSet, SelectionRule  # noqa: E402

if TYPE_CHECKING:
    from build.quantization.variants import Source


def row(
    variant: str, megabytes: float, median_ms: float, lost: float, alone: bool = False, spread: float = 0.0
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
        fidelity=0.1,
        drift=BatchEffect(mean=0.0, largest=0.0, decisions_changed=0.0),
        alone=alone,
        ships=False,
        note="",
    )


def chosen(*rows: GraphRecord) -> str:
    (name,) = [each.variant for each in tradeoff.choose(rows, SelectionRule()) if each.ships]
    return name


def test_the_smallest_of_those_as_good_as_equally_quick_ships() -> None:
    assert chosen(row("a", 23, 1.5, 0), row("b", 18, 1.6, 0.002), row("c", 14, 2.5, 0)) == "b"


def test_what_loses_too_much_or_is_too_large_never_ships() -> None:
    assert chosen(row("fp32", 90, 0.5, 0), row("lossy", 10, 0.5, 0.004), row("ok", 23, 3, 0.003)) == "ok"


def test_a_loss_that_may_be_larger_ships_only_where_none_is_surer() -> None:
    unsure, sure = row("unsure", 10, 1, 0.0, spread=0.01), row("sure", 20, 2, 0.001, spread=0.001)
    assert chosen(unsure, sure) == "sure"
    assert chosen(unsure) == "unsure"


def test_what_depends_on_company_ships_only_for_want_of_others() -> None:
    moody, steady = row("moody", 10, 1, 0, alone=True), row("steady", 20, 2, 0)
    assert chosen(moody, steady) == "steady"
    assert chosen(moody) == "moody"


def test_nothing_ships_when_nothing_qualifies() -> None:
    with pytest.raises(ArtifactError, match="no graph of 1"):
        tradeoff.choose([row("fp32", 90, 4, 0)], SelectionRule())


def test_graphs_are_compared_with_the_first(source: Source, rows: list[list[int]], tmp_path: Path) -> None:
    names = ("fp32", "int8-dynamic", "int8-static")
    for name in names:
        variants.write(name, source, tmp_path / f"{name}.onnx")
    candidates = {name: Candidate(tmp_path / f"{name}.onnx", variants.VARIANTS[name].note) for name in names}
    truth = tradeoff.run_alone(tmp_path / "fp32.onnx", rows, "emotions") > 0
    dev = DevSet(rows, truth, cross_validation.DecisionConfig(search=ThresholdSearch(repeats=1)))
    found = tradeoff.compare(candidates, dev, SelectionRule(most_lost=1.0), timed=4)
    tradeoff.write(found, tmp_path / "tradeoff.json")
    read = msgspec.convert(json.loads((tmp_path / "tradeoff.json").read_text()), list[GraphRecord])
    assert read == found
    exact, moody, steady = found
    assert (exact.minus_fp32, exact.fidelity, exact.ratio_to_fp32) == (0.0, 0.0, 1.0)
    assert min(moody.fidelity, steady.fidelity, steady.median_ms) > 0
    assert moody.drift.mean > 100 * steady.drift.mean
    assert sum(each.ships for each in found) == 1


tables = st.tuples(st.integers(1, 8), st.integers(1, 3), st.integers(0, 99), st.floats(1e-3, 1e3))


@given(tables)
def test_a_tables_numbers_move_at_most_half_a_step(shape: tuple[int, int, int, float]) -> None:
    rows, blocks, seed, size = shape
    table = np.random.default_rng(seed).normal(0, size, (rows, blocks * 32)).astype(np.float32)
    eight, scales = quantize_rows(table)
    assert (np.abs(eight * scales - table) <= 0.501 * scales).all()
    four, steps, zeros = quantize_blocks(table)
    read = (four.reshape(rows, blocks, 32).astype(np.float32) - zeros[..., None]) * steps[..., None]
    assert four.max() <= 15
    assert (np.abs(read.reshape(table.shape) - table) <= 1.01 * np.repeat(steps, 32, axis=1)).all()


def test_a_row_of_nothing_stays_nothing() -> None:
    numbers, scales = quantize_rows(np.zeros((2, 32), dtype=np.float32))
    assert not numbers.any()
    assert (scales > 0).all()
