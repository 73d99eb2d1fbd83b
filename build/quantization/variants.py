"""The ways to make the float32 graph smaller and quicker, by name; `tradeoff` compares them.

A variant writes one graph. What changes the network itself (training with fake quantisation, pruning) or its
vocabulary comes before: its float32 graph is another source for the same variants.
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
from build.quantization.matmuls import Calibration, Feed

Tables = Callable[[Graph], None]


class Source(NamedTuple):
    """A float32 graph as exported, the same fused, and training texts to calibrate on."""

    plain: Path
    fused: Path
    feeds: Sequence[Feed] = ()

    @classmethod
    @contextmanager
    def prepare(cls, plain: Path, heads: int, width: int, feeds: Sequence[Feed] = ()) -> Iterator[Source]:
        """Fuse ``plain``, of ``heads`` attention heads a layer; the fused graph goes with the context."""
        with tempfile.TemporaryDirectory() as scratch:
            fused = Path(scratch) / "fused.onnx"
            fuse(plain, fused, heads, width)
            yield cls(plain, fused, feeds)


class Variant(NamedTuple):
    """A way to make a graph.

    Attributes:
        tolerance: how far outputs may be from torch's, root mean square, as a share of theirs.
        alone: a text's result depends on its neighbours in a batch, so texts must run one at a time.
        note: what it is, in a table's words.
    """

    name: str
    make: Callable[[Source, Path], None]
    tolerance: float
    alone: bool
    note: str


def feeds(rows: Sequence[Sequence[int]], count: int, seed: int) -> list[Feed]:
    """Some of the texts in token ids, each a batch of its own, as a graph takes it."""
    chosen = np.random.default_rng(seed).choice(len(rows), min(count, len(rows)), replace=False)
    padded = (tokenization.pad_batch([rows[index]]) for index in chosen)
    return [{"input_ids": ids, "attention_mask": mask} for ids, mask in padded]


def write(name: str, source: Source, target: Path) -> None:
    """Make the named variant; ``target`` is written whole or not at all.

    Raises:
        ConfigError: there is no such variant.
    """
    if name not in VARIANTS:
        raise ConfigError(f"no variant {name!r}; there are {', '.join(VARIANTS)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        made = Path(scratch) / target.name
        VARIANTS[name].make(source, made)
        made.replace(target)


def _as_exported(source: Source, target: Path) -> None:
    shutil.copyfile(source.plain, target)


def _as_fused(source: Source, target: Path) -> None:
    shutil.copyfile(source.fused, target)


def _as_today(source: Source, target: Path) -> None:
    matmuls.quantize_dynamic_unfused(source.plain, target)


def _with_tables(source: Source, target: Path, tables: Tables, smooth: bool = False) -> Path:
    """The fused graph with its tables quantised, beside ``target``."""
    graph = Graph.load(source.fused)
    if smooth:
        smoothquant.smooth_activations(graph, source.feeds)
    tables(graph)
    prepared = target.with_name("prepared.onnx")
    graph.save(prepared)
    return prepared


def _dynamic(source: Source, target: Path, *, smooth: bool = False) -> None:
    matmuls.quantize_dynamic_int8(
        _with_tables(source, target, embedding_tables.quantize_int8, smooth), target
    )


def _static(
    source: Source, target: Path, *, calibration: Calibration = "minmax", tables: Tables, smooth: bool = True
) -> None:
    prepared = _with_tables(source, target, tables, smooth)
    matmuls.quantize_static_int8(prepared, target, source.feeds, calibration)


def _blockwise(source: Source, target: Path, *, bits: Literal[4, 8], block: int, tables: Tables) -> None:
    matmuls.quantize_blockwise(_with_tables(source, target, tables), target, bits, block)


_ROWS, _FOUR = embedding_tables.quantize_int8, embedding_tables.quantize_int4
_UNSMOOTHED = partial(_static, tables=_ROWS, smooth=False)

VARIANTS = {
    each.name: each
    for each in (
        Variant("fp32", _as_exported, 1e-4, False, "as exported"),
        Variant("fp32-fused", _as_fused, 1e-4, False, "attention and GELU one operator each"),
        Variant(
            "int8-dynamic-unfused", _as_today, 0.1, True, "inputs measured as they come; one scale a table"
        ),
        Variant("int8-dynamic", _dynamic, 0.1, True, "fused; tables with a scale a row"),
        Variant("int8-dynamic-smooth", partial(_dynamic, smooth=True), 0.1, True, "and activations smoothed"),
        Variant(
            "int8-static-minmax",
            partial(_UNSMOOTHED, calibration="minmax"),
            0.1,
            False,
            "inputs' ranges fixed beforehand",
        ),
        Variant(
            "int8-static-percentile",
            partial(_UNSMOOTHED, calibration="percentile"),
            0.15,
            False,
            "ranges of 99.999%",
        ),
        Variant(
            "int8-static-entropy",
            partial(_UNSMOOTHED, calibration="entropy"),
            0.15,
            False,
            "ranges of least divergence",
        ),
        Variant(
            "int8-static", partial(_static, tables=_ROWS), 0.1, False, "activations smoothed, ranges fixed"
        ),
        Variant(
            "int8-static-tables4",
            partial(_static, tables=_FOUR),
            0.2,
            False,
            "and tables in 4 bits by blocks",
        ),
        Variant(
            "int8-blockwise",
            partial(_blockwise, bits=8, block=128, tables=_ROWS),
            0.1,
            False,
            "weights and inputs in blocks of 128",
        ),
        Variant(
            "int4-blockwise",
            partial(_blockwise, bits=4, block=32, tables=_FOUR),
            0.4,
            False,
            "all weights in 4 bits by blocks of 32",
        ),
    )
}
"""By name, the float32 graph first."""
