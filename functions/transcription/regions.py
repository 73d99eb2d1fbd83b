"""Groups voiced regions into spans that are decoded at once: whole phrases, as long as the engine takes."""

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
    regions: Sequence[Region], probabilities: NDArray[np.float32], max_length: int, pause: int
) -> Iterator[RegionGroup]:
    """Join neighboring regions into groups of at most `max_length` windows, without a `pause` inside.

    A group that is too long is cut at its longest pause; speech without a pause is cut where voice is least
    likely, in the middle half. The parts are cut again until they fit.
    """
    if not regions:
        return
    gaps = [after.start - before.end for before, after in pairwise(regions)]
    if regions[-1].end - regions[0].start <= max_length and max(gaps, default=0) < pause:
        yield tuple(regions)
        return
    if gaps:
        index = gaps.index(max(gaps)) + 1
        parts = regions[:index], regions[index:]
    else:
        cut = _quietest(regions[0], probabilities)
        parts = [Region(regions[0].start, cut)], [Region(cut, regions[0].end)]
    for part in parts:
        yield from group_regions(part, probabilities, max_length, pause)


def _quietest(region: Region, probabilities: NDArray[np.float32]) -> int:
    quarter = (region.end - region.start) // 4
    middle = probabilities[region.start + quarter : region.end - quarter]
    return region.start + quarter + int(middle.argmin())


def pad_groups(groups: Sequence[RegionGroup], pad: int, length: int) -> Iterator[Region]:
    """Each group as one region, with up to `pad` windows of silence on both sides.

    Neighbors share a short silence between them. `length` is that of the recording, in windows.
    """
    edges = [0, *(_middle(before, after) for before, after in pairwise(groups)), length]
    for group, (earliest, latest) in zip(groups, pairwise(edges), strict=False):
        yield Region(max(group[0].start - pad, earliest), min(group[-1].end + pad, latest))


def _middle(before: RegionGroup, after: RegionGroup) -> int:
    return (before[-1].end + after[0].start) // 2
