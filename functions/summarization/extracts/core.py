"""Chooses the sentences of an entry's emotional core, as the journal reader found it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from functions.summarization.extracts.features import content
from functions.summarization.extracts.notes import Position, ScoredNote

WORDS_PER_SENTENCE = 20
"""The maximum length of an extract is this many words per sentence asked for; one alone may be longer."""
LEAST_SHARE = 0.5
"""A sentence is quoted beside the best one if its value is at least this share of that one's."""
SILLY = 0.5
"""Sentences that are as likely to be silly are quoted only if all are."""
SAME_MEANING = 0.8
"""Sentences whose embeddings are more similar say the same."""
SAME_WORDS = 0.6
"""So do those that share more of their content words."""


def choose_core(
    notes: Sequence[ScoredNote], pool: Sequence[Position], sentences: int, per_entry: int
) -> list[Position]:
    """The sentences of `pool` of highest value, at most `sentences`, in order.

    Args:
        per_entry: sentences of one entry, at most.
    """
    ranked = best_first(notes, without_silly(notes, pool))
    chosen = ranked[:1]
    least = LEAST_SHARE * value(notes, ranked[0])
    words = len(_words(notes, ranked[0]))
    entries = Counter(entry for entry, _ in chosen)
    for position in ranked[1:]:
        size = len(_words(notes, position))
        if len(chosen) == sentences or value(notes, position) < least:
            break
        fits = words + size <= WORDS_PER_SENTENCE * sentences and entries[position[0]] < per_entry
        if fits and not any(_says_the_same(notes, position, other) for other in chosen):
            chosen.append(position)
            words += size
            entries[position[0]] += 1
    return sorted(chosen)


def without_silly(notes: Sequence[ScoredNote], pool: Sequence[Position]) -> list[Position]:
    """The sentences of `pool` that are not silly to quote; all if all are, or if no reader has read them."""
    sensible = [
        (entry, row)
        for entry, row in pool
        if (reading := notes[entry].reading) is None or reading.avoid[row] < SILLY
    ]
    return sensible or list(pool)


def best_first(notes: Sequence[ScoredNote], pool: Sequence[Position]) -> list[Position]:
    """`pool` by falling value; of equal ones, the later comes first, for that is where entries arrive."""
    return sorted(pool, key=lambda position: (value(notes, position), position), reverse=True)


def value(notes: Sequence[ScoredNote], position: Position) -> float:
    """How much a sentence is worth quoting, by the reader, from 0 to 1."""
    reading = notes[position[0]].reading
    return reading.values[position[1]] if reading is not None else 0.0


def _says_the_same(notes: Sequence[ScoredNote], one: Position, other: Position) -> bool:
    first, second = (notes[entry].note.embeddings[row] for entry, row in (one, other))
    if float(first @ second) > SAME_MEANING:
        return True
    bags = content(_words(notes, one)), content(_words(notes, other))
    shared, smaller = (bags[0] & bags[1]).total(), min(bag.total() for bag in bags)
    return smaller > 0 and shared > SAME_WORDS * smaller


def _words(notes: Sequence[ScoredNote], position: Position) -> Sequence[str]:
    entry, row = position
    return notes[entry].note.words[row]
