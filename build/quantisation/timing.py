"""Milliseconds of one text on one thread, fair to every engine on a machine that is doing other things too.

Engines take turns, pass by pass, so that whatever else runs slows all of them alike; within a pass each has
the processor's caches to itself, as in service. A text's time is the median of several passes. The thread's
processor time is what the wall clock would show on an idle machine, as long as the engine keeps to the
calling thread; graphs are compared by it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from build import tokens
from build.evaluation.records import Latency
from functions.shared.runtime.onnx import load_session

Run = Callable[[int], object]
"""Runs the text of this index."""
Clock = Callable[[], float]
"""Seconds."""
WALL, PROCESSOR = time.perf_counter, time.thread_time
_WARM_UP = 10
PASSES = 7


def in_turns(runs: Mapping[str, Run], texts: int, clock: Clock = WALL) -> dict[str, Latency]:
    """Time every engine on the same ``texts`` texts, in turns."""
    spent = {name: np.zeros((PASSES, texts)) for name in runs}
    for turn in range(PASSES):
        for name, run in runs.items():
            for text in range(min(_WARM_UP, texts)):
                run(text)
            spent[name][turn] = [_milliseconds(run, text, clock) for text in range(texts)]
    return {name: _summary(np.median(each, axis=0)) for name, each in spent.items()}


def of_graphs(graphs: Mapping[str, tuple[Path, Sequence[Sequence[int]]]]) -> dict[str, Latency]:
    """Time graphs, each on the same texts in the tokens it reads; without tokenisation."""
    runs = {name: _runner(path, rows) for name, (path, rows) in graphs.items()}
    return in_turns(runs, min(len(rows) for _, rows in graphs.values()), PROCESSOR)


def _runner(path: Path, rows: Sequence[Sequence[int]]) -> Run:
    session = load_session(path)
    feeds = [dict(zip(("input_ids", "attention_mask"), tokens.pad([row]), strict=True)) for row in rows]
    return lambda text: session.run(None, feeds[text])


def _milliseconds(run: Run, text: int, clock: Clock) -> float:
    started = clock()
    run(text)
    return (clock() - started) * 1e3


def _summary(typical: npt.NDArray[np.float64]) -> Latency:
    return Latency(
        median_ms=float(np.median(typical)), p95_ms=float(np.percentile(typical, 95)), texts=len(typical)
    )
