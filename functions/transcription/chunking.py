"""Where a long recording is cut: at its quietest moments, into chunks of at most five minutes.

Only the loudness of each 20 ms is kept, so an hour costs 720 KB. No model is needed: over a minute of
talk the quietest half second is a pause.
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
"""Seconds: consecutive, without gap or overlap."""

MAX_UNCHUNKED_S = 600.0
"""Recordings up to here are transcribed in one piece."""
MAX_CHUNK_S = 300.0
_EITHER_SIDE_S = 30.0  # of where the cut would be even
_PAUSE_S = 0.5
_FRAME = 320
_FRAMES_PER_SECOND = SAMPLE_RATE // _FRAME


def plan_chunks(path: Path) -> Spans:
    """The chunks of a recording, covering all of it.

    Raises:
        UnsupportedMedia: as `audio.decode`.
    """
    return cut_at_pauses(_loudness(decoding.stream(path)))


def cut_at_pauses(loudness: NDArray[np.float32]) -> Spans:
    """`loudness`: the mean square of each 20 ms of a recording."""
    edges = [0, *_cuts(_smooth(loudness)), len(loudness)]
    seconds = [edge / _FRAMES_PER_SECOND for edge in edges]
    return tuple(pairwise(seconds))


def _cuts(loudness: NDArray[np.float32]) -> Iterator[int]:
    """Frames to cut at: near even parts, wherever the half second around is quietest."""
    longest = round(MAX_CHUNK_S * _FRAMES_PER_SECOND)
    side = round(_EITHER_SIDE_S * _FRAMES_PER_SECOND)
    at = 0
    while (left := len(loudness) - at) > longest:
        even = left // -(-left // (longest - side))
        window = loudness[at + even - side : at + even + side]
        at += even - side + int(window.argmin())
        yield at


def _smooth(loudness: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    if not len(loudness):
        return loudness
    width = round(_PAUSE_S * _FRAMES_PER_SECOND)
    smoothed: NDArray[np.float32] = np.convolve(loudness, np.ones(width, np.float32), "same")
    return smoothed[: len(loudness)]


def _loudness(blocks: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Blocks are whole frames, except the last: its rest is padded with silence."""
    import numpy as np

    found = [np.zeros(0, np.float32)]
    for block in blocks:
        frames = np.pad(block, (0, -len(block) % _FRAME)).reshape(-1, _FRAME)
        found.append(np.mean(np.square(frames), axis=1))
    return np.concatenate(found)
