"""Which stretches of a recording are decoded at once: whole phrases, up to what the engine likes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from functions.transcription.vad import Region

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RegionGroup = tuple[Region, ...]


def group_regions(
    regions: Sequence[Region], probabilities: NDArray[np.float32], longest: int, pause: int
) -> Iterator[RegionGroup]:
    """Join neighbouring regions into groups of at most `longest` windows, without a `pause` inside.

    What is too long is cut at its longest pause, and speech without one where a voice is least
    likely, in the middle half: the parts are cut again until they fit.
    """
    if not regions:
        return
    gaps = [after.start - before.end for before, after in pairwise(regions)]
    if regions[-1].end - regions[0].start <= longest and max(gaps, default=0) < pause:
        yield tuple(regions)
        return
    if gaps:
        at = gaps.index(max(gaps)) + 1
        parts = regions[:at], regions[at:]
    else:
        cut = _quietest(regions[0], probabilities)
        parts = [Region(regions[0].start, cut)], [Region(cut, regions[0].end)]
    for part in parts:
        yield from group_regions(part, probabilities, longest, pause)


def _quietest(region: Region, probabilities: NDArray[np.float32]) -> int:
    quarter = (region.end - region.start) // 4
    middle = probabilities[region.start + quarter : region.end - quarter]
    return region.start + quarter + int(middle.argmin())


def pad_groups(groups: Sequence[RegionGroup], pad: int, length: int) -> Iterator[Region]:
    """What each group is decoded from: itself and up to `pad` windows of the silence around it.

    Neighbours share a short silence between them; `length` is that of the recording.
    """
    edges = [0, *(_middle(before, after) for before, after in pairwise(groups)), length]
    for members, (before, after) in zip(groups, pairwise(edges), strict=False):
        yield Region(max(members[0].start - pad, before), min(members[-1].end + pad, after))


def _middle(before: RegionGroup, after: RegionGroup) -> int:
    return (before[-1].end + after[0].start) // 2
