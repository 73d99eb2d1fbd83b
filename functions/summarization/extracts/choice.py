"""Chooses the sentences to quote: those of the core if a reader has read the entry, else informative ones."""

from __future__ import annotations

from collections.abc import Sequence

from functions.summarization.extracts.config import ExtractiveConfig
from functions.summarization.extracts.core import choose_core, without_silly
from functions.summarization.extracts.notes import Position, ScoredNote, merge_word_chances
from functions.summarization.extracts.selection import SelectionLimits, SentenceSelector


def choose(notes: Sequence[ScoredNote], config: ExtractiveConfig, sentences: int) -> list[Position]:
    """The sentences to quote, at most `sentences`, in order.

    Of several entries, none contributes more than its share plus one.
    """
    pool = [(entry, row) for entry, scored in enumerate(notes) for row in range(len(scored.rows))]
    if is_own_summary(notes, config, sentences):
        return without_silly(notes, pool)
    per_entry = sentences if len(notes) == 1 else -(-sentences // len(notes)) + 1
    if all(scored.reading is not None for scored in notes):
        return choose_core(notes, pool, sentences, per_entry)
    return _choose_informative(notes, pool, config, sentences, per_entry)


def is_own_summary(notes: Sequence[ScoredNote], config: ExtractiveConfig, sentences: int) -> bool:
    """Whether the entries have no more sentences than asked for, and few words."""
    lengths = [len(sentence) for scored in notes for sentence in scored.note.words]
    return len(lengths) == 1 or (len(lengths) <= sentences and sum(lengths) <= config.short_note_words)


def _choose_informative(
    notes: Sequence[ScoredNote],
    pool: Sequence[Position],
    config: ExtractiveConfig,
    sentences: int,
    per_entry: int,
) -> list[Position]:
    """The sentences whose words a summary would most likely contain."""
    limits = SelectionLimits(
        sentences=sentences,
        words=config.max_sentence_words * sentences,
        expected_words=config.sentence_words * sentences,
        per_group=per_entry,
    )
    spoken = [notes[entry].note.words[row] for entry, row in pool]
    intensity = [scored.note.intensity - scored.note.intensity.mean() for scored in notes]
    scores = [
        float(notes[entry].scores[row] + config.emotion_weight * intensity[entry][row]) for entry, row in pool
    ]
    chances, groups = merge_word_chances(notes), [entry for entry, _ in pool]
    selector = SentenceSelector(spoken, scores, chances, config.score_weight, groups)
    return [pool[row] for row in selector.select(limits)]
