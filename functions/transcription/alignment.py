"""Sentences with times, from the text of a stretch of speech and where in it somebody spoke.

The engine gives no times of its own. Each sentence gets the share of the *spoken* time that it has of
the characters; where that ends near a pause, the pause is where the sentence ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from functions.shared.domain.content import Segment
from functions.shared.text.sentences import split

Voiced = Sequence[tuple[float, float]]
"""Where somebody speaks, in seconds: ordered, not overlapping, not empty."""

_NEAR_S = 0.8
"""A pause this much spoken time away is the one the speaker made between two sentences."""


def align_sentences(text: str, voiced: Voiced, confidence: float | None = None) -> list[Segment]:
    """The sentences of `text`, in order, inside the voiced time; they join to `text` by spaces."""
    sentences = split(text)
    if not sentences:
        return []
    cuts = _cuts([len(sentence) for sentence in sentences], voiced)
    starts = [voiced[0][0], *(after for _, after in cuts)]
    ends = [*(before for before, _ in cuts), voiced[-1][1]]
    return [
        Segment(text=sentence, start=round(start, 2), end=round(end, 2), confidence=confidence)
        for sentence, start, end in zip(sentences, starts, ends, strict=True)
    ]


def _cuts(lengths: Sequence[int], voiced: Voiced) -> list[tuple[float, float]]:
    """Between each two sentences: when the first ends and when the second begins."""
    spoken = list(accumulate((end - start for start, end in voiced), initial=0.0))
    pauses = spoken[1:-1]
    cuts: list[tuple[float, float]] = []
    last = 0.0
    for characters in list(accumulate(lengths))[:-1]:
        due = spoken[-1] * characters / sum(lengths)
        near = [at for at in pauses if abs(at - due) <= _NEAR_S and at > last]
        at = min(near, key=lambda pause: abs(pause - due)) if near else max(due, last)
        floor = cuts[-1][1] if cuts else 0.0
        before, after = _moment(at, spoken, voiced)
        cuts.append((max(before, floor), max(after, floor)))
        last = at
    return cuts


def _moment(at: float, spoken: Sequence[float], voiced: Voiced) -> tuple[float, float]:
    """Spoken time to time: twice the same inside a region, both ends of the silence at a pause."""
    for index, (start, end) in enumerate(voiced[:-1]):
        if at < spoken[index + 1]:
            return start + at - spoken[index], start + at - spoken[index]
        if at == spoken[index + 1]:
            return end, voiced[index + 1][0]
    moment = min(voiced[-1][0] + at - spoken[-2], voiced[-1][1])
    return moment, moment
