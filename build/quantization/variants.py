"""Quantized variants of the float32 graph by name; `tradeoff` compares them.

A variant writes one graph. Changes of the network (QAT, pruning) or of its vocabulary come before: they
produce another float32 graph as the source of the same variants.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from build import tokenization
from build.errors import ConfigError
from build.quantization import embedding_tables, matmuls, smoothquant
from build.quantization.fusion import fuse
from build.quantization.graph import Graph
from build.quantization.matmuls import CalibrationMethodName, Feed

QuantizeTables = Callable[[Graph], None]


class Source(NamedTuple):
    """A float32 graph as exported, the same graph fused, and training texts for calibration."""

    plain: Path
    fused: Path
    feeds: Sequence[Feed] = ()

    @classmethod
    @contextmanager
    def prepare(cls, plain: Path, heads: int, width: int, feeds: Sequence[Feed] = ()) -> Iterator[Source]:
        """Fuse ``plain``, which has ``heads`` attention heads per layer; the fused graph is temporary."""
        with tempfile.TemporaryDirectory() as scratch:
            fused = Path(scratch) / "fused.onnx"
            fuse(plain, fused, heads, width)
            yield cls(plain, fused, feeds)


class Variant(NamedTuple):
    """A way to make a graph.

    Attributes:
        tolerance: largest allowed relative root mean square difference of the outputs from torch's.
        batch_sensitive: a text's result depends on the other texts in its batch, so texts must run one at a
            time.
        note: short description, for tables.
    """

    name: str
    make: Callable[[Source, Path], None]
    tolerance: float
    batch_sensitive: bool
    note: str


def feeds(rows: Sequence[Sequence[int]], count: int, seed: int) -> list[Feed]:
    """Random texts in token ids, each as a batch of one, as a graph's inputs."""
    rows_drawn = np.random.default_rng(seed).choice(len(rows), min(count, len(rows)), replace=False)
    batches = (tokenization.pad_batch([rows[index]]) for index in rows_drawn)
    return [{"input_ids": ids, "attention_mask": mask} for ids, mask in batches]


def write(name: str, source: Source, target: Path) -> None:
    """Make the named variant and write it to ``target``, atomically.

    Raises:
        ConfigError: there is no such variant.
    """
    if name not in VARIANTS:
        raise ConfigError(f"unknown variant {name!r}; known are {', '.join(VARIANTS)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        scratch_path = Path(scratch) / target.name
        VARIANTS[name].make(source, scratch_path)
        scratch_path.replace(target)


def _as_exported(source: Source, target: Path) -> None:
    shutil.copyfile(source.plain, target)


def _as_fused(source: Source, target: Path) -> None:
    shutil.copyfile(source.fused, target)


def _dynamic_unfused(source: Source, target: Path) -> None:
    matmuls.quantize_dynamic_unfused(source.plain, target)


def _prepare(source: Source, target: Path, quantize_tables: QuantizeTables, smooth: bool = False) -> Path:
    """Write the fused graph with quantized tables next to ``target``."""
    graph = Graph.load(source.fused)
    if smooth:
        smoothquant.smooth_activations(graph, source.feeds)
    quantize_tables(graph)
    prepared = target.with_name("prepared.onnx")
    graph.save(prepared)
    return prepared


def _dynamic(source: Source, target: Path, *, smooth: bool = False) -> None:
    matmuls.quantize_dynamic_int8(_prepare(source, target, embedding_tables.quantize_int8, smooth), target)


def _static(
    source: Source,
    target: Path,
    *,
    calibration: CalibrationMethodName = "minmax",
    quantize_tables: QuantizeTables,
    smooth: bool = True,
) -> None:
    prepared = _prepare(source, target, quantize_tables, smooth)
    matmuls.quantize_static_int8(prepared, target, source.feeds, calibration)


def _blockwise(
    source: Source, target: Path, *, bits: Literal[4, 8], block: int, quantize_tables: QuantizeTables
) -> None:
    matmuls.quantize_blockwise(_prepare(source, target, quantize_tables), target, bits, block)


_INT8_TABLES, _INT4_TABLES = embedding_tables.quantize_int8, embedding_tables.quantize_int4
_STATIC_UNSMOOTHED = partial(_static, quantize_tables=_INT8_TABLES, smooth=False)

VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("fp32", _as_exported, 1e-4, False, "as exported"),
        Variant("fp32-fused", _as_fused, 1e-4, False, "attention and GELU as one operator each"),
        Variant(
            "int8-dynamic-unfused",
            _dynamic_unfused,
            0.1,
            True,
            "input ranges computed at run time; one scale per table",
        ),
        Variant("int8-dynamic", _dynamic, 0.1, True, "fused; one scale per table row"),
        Variant("int8-dynamic-smooth", partial(_dynamic, smooth=True), 0.1, True, "also SmoothQuant"),
        Variant(
            "int8-static-minmax",
            partial(_STATIC_UNSMOOTHED, calibration="minmax"),
            0.1,
            False,
            "input ranges calibrated, min-max",
        ),
        Variant(
            "int8-static-percentile",
            partial(_STATIC_UNSMOOTHED, calibration="percentile"),
            0.15,
            False,
            "input ranges calibrated, 99.999th percentile",
        ),
        Variant(
            "int8-static-entropy",
            partial(_STATIC_UNSMOOTHED, calibration="entropy"),
            0.15,
            False,
            "input ranges calibrated, entropy",
        ),
        Variant(
            "int8-static",
            partial(_static, quantize_tables=_INT8_TABLES),
            0.1,
            False,
            "SmoothQuant, input ranges calibrated",
        ),
        Variant(
            "int8-static-tables4",
            partial(_static, quantize_tables=_INT4_TABLES),
            0.2,
            False,
            "also tables in 4-bit blocks",
        ),
        Variant(
            "int8-blockwise",
            partial(_blockwise, bits=8, block=128, quantize_tables=_INT8_TABLES),
            0.1,
            False,
            "weights and inputs in blocks of 128",
        ),
        Variant(
            "int4-blockwise",
            partial(_blockwise, bits=4, block=32, quantize_tables=_INT4_TABLES),
            0.4,
            False,
            "all weights in 4-bit blocks of 32",
        ),
    )
}
"""By name, the float32 graph first."""
