"""Finds the phrases of a recording: what is decoded at once, and from which samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from functions.transcription.config import MoonshineConfig
from functions.transcription.regions import RegionGroup, group_regions, pad_groups
from functions.transcription.vad import Region, VoiceDetector, window_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Probabilities = NDArray[np.float32]

_CUTS_TRIED = 4


class Stretch(NamedTuple):
    """Voiced regions that are decoded at once, from `span`; times in windows."""

    group: RegionGroup
    span: Region
    certain: bool
    voice: float
    voiced: int


class PhraseFinder:
    """Cuts recordings into phrases."""

    def __init__(self, detector: VoiceDetector, config: MoonshineConfig) -> None:
        self._detector = detector
        self._config = config

    def find(self, samples: NDArray[np.float32]) -> list[Stretch]:
        """Phrases in order; faint voices are looked for between phrases, or where none is certain."""
        regions, probabilities = self._detector.detect(samples)
        groups = self._groups(regions, probabilities)
        certain = {group for group in groups if self._detector.is_speech(group, probabilities)}
        if not certain:
            groups = []
        spans = list(pad_groups(groups, window_count(self._config.pad_s), len(probabilities)))
        found = [
            self._stretch(group, span, probabilities, certain=group in certain)
            for group, span in zip(groups, spans, strict=True)
        ]
        return sorted([*found, *self._faint(spans, probabilities)], key=lambda stretch: stretch.span)

    def halves(self, stretch: Stretch) -> Iterator[tuple[Stretch, Stretch]]:
        """The two parts of a phrase, cut at one of its longest pauses."""
        pauses = [after.start - before.end for before, after in pairwise(stretch.group)]
        longest = sorted(range(len(pauses)), key=lambda index: -pauses[index])[:_CUTS_TRIED]
        for index in longest:
            if pauses[index] >= window_count(self._config.split_pause_s):
                before, after = stretch.group[: index + 1], stretch.group[index + 1 :]
                middle = (before[-1].end + after[0].start) // 2
                yield (
                    stretch._replace(group=before, span=Region(stretch.span.start, middle)),
                    stretch._replace(group=after, span=Region(middle, stretch.span.end)),
                )

    def _faint(self, taken: Sequence[Region], probabilities: Probabilities) -> list[Stretch]:
        """Phrases of faint regions outside the spans that are `taken`."""
        free = np.ones(len(probabilities), bool)
        for start, end in taken:
            free[start:end] = False
        regions = self._detector.faint_regions(np.where(free, probabilities, 0))
        groups = [
            group
            for group in self._groups(regions, probabilities)
            if self._detector.may_be_faint(group, probabilities)
        ]
        pad = window_count(self._config.faint_pad_s)
        return [
            self._stretch(group, _within(span, group, taken), probabilities, certain=False)
            for group, span in zip(groups, pad_groups(groups, pad, len(probabilities)), strict=True)
        ]

    def _groups(self, regions: Sequence[Region], probabilities: Probabilities) -> list[RegionGroup]:
        max_length, pause = window_count(self._config.max_span_s), window_count(self._config.max_pause_s)
        return list(group_regions(regions, probabilities, max_length, pause))

    def _stretch(
        self, group: RegionGroup, span: Region, probabilities: Probabilities, *, certain: bool
    ) -> Stretch:
        inside = np.concatenate([probabilities[start:end] for start, end in group])
        voiced = int((inside >= self._detector.config.on).sum())
        return Stretch(group, span, certain, float(inside.mean()), voiced)


def _within(span: Region, group: RegionGroup, taken: Sequence[Region]) -> Region:
    """`span` without what neighboring phrases have taken."""
    earliest = max((end for _, end in taken if end <= group[0].start), default=0)
    latest = min((start for start, _ in taken if start >= group[-1].end), default=span.end)
    return Region(max(span.start, earliest), min(span.end, latest))
