"""Timestamps for the sentences of a transcript, from where speech was detected.

The engine returns no timestamps. Each sentence gets a share of the *spoken* time equal to its share of the
characters; if that ends near a pause, the sentence ends at the pause.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

import msgspec

from functions.shared.domain.content import Segment, Word
from functions.shared.text.sentences import split_speech

Voiced = Sequence[tuple[float, float]]
"""Where speech was detected, in seconds: ordered, not overlapping, not empty."""

_NEAR_S = 0.8
"""A sentence ends at a pause if the pause is at most this much spoken time away."""


def align_sentences(text: str, voiced: Voiced, confidence: float | None = None) -> list[Segment]:
    """The sentences of `text` in order, within the voiced time; joined by spaces they are `text`."""
    sentences = split_speech(text)
    if not sentences:
        return []
    cuts = _cuts([len(sentence) for sentence in sentences], voiced)
    starts = [voiced[0][0], *(start for _, start in cuts)]
    ends = [*(end for end, _ in cuts), voiced[-1][1]]
    return [
        Segment(text=sentence, start=round(start, 2), end=round(end, 2), confidence=confidence)
        for sentence, start, end in zip(sentences, starts, ends, strict=True)
    ]


def cut_at_sentences(segment: Segment) -> list[Segment]:
    """A segment with timed words as its sentences, each with its own words and their times."""
    sentences = split_speech(segment.text)
    rows = _words_of(sentences, segment)
    if len(sentences) < 2 or not all(rows):
        return [segment]
    return [
        msgspec.structs.replace(segment, text=text, start=row[0].start, end=row[-1].end, words=tuple(row))
        for text, row in zip(sentences, rows, strict=True)
    ]


def _words_of(sentences: Sequence[str], segment: Segment) -> list[list[Word]]:
    """The words of each sentence; the words of a segment are parts of its text, in order."""
    ends, position = list[int](), 0
    for sentence in sentences:
        position = segment.text.index(sentence, position) + len(sentence)
        ends.append(position)
    rows, position = [list[Word]() for _ in sentences], 0
    for word in segment.words:
        start = max(segment.text.find(word.text, position), position)
        position = start + len(word.text)
        rows[min(bisect_right(ends, start), len(rows) - 1)].append(word)
    return rows


def _cuts(lengths: Sequence[int], voiced: Voiced) -> list[tuple[float, float]]:
    """For each pair of neighboring sentences: the end of the first and the start of the second."""
    spoken = list(accumulate((end - start for start, end in voiced), initial=0.0))
    pauses = spoken[1:-1]
    cuts: list[tuple[float, float]] = []
    last = 0.0
    for characters in list(accumulate(lengths))[:-1]:
        due = spoken[-1] * characters / sum(lengths)
        near = [pause for pause in pauses if abs(pause - due) <= _NEAR_S and pause > last]
        cut = min(near, key=lambda pause: abs(pause - due)) if near else max(due, last)
        earliest = cuts[-1][1] if cuts else 0.0
        end, start = _to_recording_time(cut, spoken, voiced)
        cuts.append((max(end, earliest), max(start, earliest)))
        last = cut
    return cuts


def _to_recording_time(cut: float, spoken: Sequence[float], voiced: Voiced) -> tuple[float, float]:
    """Spoken time to recording time: both ends of the silence at a pause, otherwise the same time twice."""
    for index, (start, end) in enumerate(voiced[:-1]):
        if cut < spoken[index + 1]:
            return start + cut - spoken[index], start + cut - spoken[index]
        if cut == spoken[index + 1]:
            return end, voiced[index + 1][0]
    time = min(voiced[-1][0] + cut - spoken[-2], voiced[-1][1])
    return time, time
