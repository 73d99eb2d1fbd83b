"""Latency of one text on one thread, measured fairly on a machine that also runs other work.

Engines take turns, pass by pass, so that other load slows all of them alike; within a pass each engine has
the caches to itself, as in serving. A text's latency is the median of several passes. The thread's CPU time
is what the wall clock would show on an idle machine, as long as the engine stays on the calling thread;
graphs are compared by it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from build import tokenization
from build.evaluation.records import Latency
from functions.shared.runtime.onnx import load_session

TimedRun = Callable[[int], object]
"""Runs the text with this index."""
Clock = Callable[[], float]
"""Seconds."""
WALL, CPU_TIME = time.perf_counter, time.thread_time
_WARM_UP = 10
PASSES = 7


def time_interleaved(runs: Mapping[str, TimedRun], texts: int, clock: Clock = WALL) -> dict[str, Latency]:
    """Time every engine on the same ``texts`` texts, interleaved."""
    milliseconds = {name: np.zeros((PASSES, texts)) for name in runs}
    for turn in range(PASSES):
        for name, run in runs.items():
            for text in range(min(_WARM_UP, texts)):
                run(text)
            milliseconds[name][turn] = [_milliseconds(run, text, clock) for text in range(texts)]
    return {name: _summary(np.median(times, axis=0)) for name, times in milliseconds.items()}


def time_graphs(graphs: Mapping[str, tuple[Path, Sequence[Sequence[int]]]]) -> dict[str, Latency]:
    """Time graphs, each on the same texts in its own token ids; without tokenization."""
    runs = {name: _graph_run(path, rows) for name, (path, rows) in graphs.items()}
    return time_interleaved(runs, min(len(rows) for _, rows in graphs.values()), CPU_TIME)


def _graph_run(path: Path, rows: Sequence[Sequence[int]]) -> TimedRun:
    session = load_session(path)
    feeds = [
        dict(zip(("input_ids", "attention_mask"), tokenization.pad_batch([row]), strict=True)) for row in rows
    ]
    return lambda text: session.run(None, feeds[text])


def _milliseconds(run: TimedRun, text: int, clock: Clock) -> float:
    start = clock()
    run(text)
    return (clock() - start) * 1e3


def _summary(medians: npt.NDArray[np.float64]) -> Latency:
    return Latency(
        median_ms=float(np.median(medians)), p95_ms=float(np.percentile(medians, 95)), texts=len(medians)
    )
