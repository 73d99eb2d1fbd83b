"""Cuts long recordings into chunks of at most five minutes, at their quietest moments.

Only the loudness of each 20 ms frame is kept, so an hour costs 720 KB. No model is needed: within a minute
of speech, the quietest half second is a pause.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from functions.shared.audio import decoding
from functions.shared.audio.decoding import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Spans = tuple[tuple[float, float], ...]
"""Start and end in seconds: in order, without overlap. Only long gaps in the recording lie between them."""

MAX_UNCHUNKED_S = 600.0
"""Recordings up to this long are transcribed in one piece."""
MAX_CHUNK_S = 300.0
_MAX_GAP_S = 60.0  # nothing is heard in a gap: a longer one is not transcribed
_SEARCH_S = 30.0  # on each side of an even cut
_PAUSE_S = 0.5
_FRAME = 320
_FRAMES_PER_SECOND = SAMPLE_RATE // _FRAME


def plan_chunks(path: Path, duration_s: float) -> Spans:
    """The chunks of a recording, covering all its sound: one chunk up to `MAX_UNCHUNKED_S`.

    Raises:
        UnsupportedMedia: as `decoding.decode`.
    """
    if duration_s <= MAX_UNCHUNKED_S:
        return ((0.0, duration_s),)
    return plan_blocks(decoding.timed_blocks(path, longest_gap_s=_MAX_GAP_S))


def plan_blocks(blocks: Iterable[tuple[float, NDArray[np.float32]]]) -> Spans:
    """The chunks of a recording that comes in blocks, each with its time."""
    spans: list[tuple[float, float]] = []
    for begin, loudness in _runs(blocks):
        for start, end in cut_at_pauses(loudness):
            if spans and begin + end - spans[-1][0] <= MAX_CHUNK_S:
                spans[-1] = (spans[-1][0], begin + end)
            else:
                spans.append((begin + start, begin + end))
    return tuple(spans)


def cut_at_pauses(loudness: NDArray[np.float32]) -> Spans:
    """The chunks of a recording, from `loudness`: the mean square of each 20 ms frame."""
    edges = [0, *_cuts(_smooth(loudness)), len(loudness)]
    seconds = [edge / _FRAMES_PER_SECOND for edge in edges]
    return tuple(pairwise(seconds))


def _cuts(loudness: NDArray[np.float32]) -> Iterator[int]:
    """Frames to cut at: near even parts, in the quietest half second around."""
    max_frames = round(MAX_CHUNK_S * _FRAMES_PER_SECOND)
    side = round(_SEARCH_S * _FRAMES_PER_SECOND)
    start = 0
    while (left := len(loudness) - start) > max_frames:
        even = left // -(-left // (max_frames - side))
        window = loudness[start + even - side : start + even + side]
        start += even - side + int(window.argmin())
        yield start


def _smooth(loudness: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    if not len(loudness):
        return loudness
    width = round(_PAUSE_S * _FRAMES_PER_SECOND)
    smoothed: NDArray[np.float32] = np.convolve(loudness, np.ones(width, np.float32), "same")
    return smoothed[: len(loudness)]


def _runs(blocks: Iterable[tuple[float, NDArray[np.float32]]]) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """The beginning and the loudness of each run of blocks without a gap between them."""
    import numpy as np

    run: list[NDArray[np.float32]] = []
    begin = end = 0.0
    for position, block in blocks:
        if run and position - end > 1 / _FRAMES_PER_SECOND:
            yield begin, np.concatenate(run)
            run = []
        begin = begin if run else position
        run.append(_loudness(block))
        end = position + len(block) / SAMPLE_RATE
    if run:
        yield begin, np.concatenate(run)


def _loudness(block: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean square per frame. Blocks hold whole frames; the last one of a run is padded with silence."""
    import numpy as np

    frames = np.pad(block, (0, -len(block) % _FRAME)).reshape(-1, _FRAME)
    loudness: NDArray[np.float32] = np.mean(np.square(frames), axis=1)
    return loudness
