"""Selection of few sentences that cover most of a summary."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.summarization.extracts.selection import SelectionLimits, SentenceSelector

SENTENCES = st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=6), min_size=1, max_size=6)


def limits(sentences: int = 2, words: int = 100, expected: int = 4, per_group: int = 99) -> SelectionLimits:
    return SelectionLimits(sentences, words, expected, per_group)


def value(
    chosen: tuple[int, ...], sentences: list[list[str]], chances: dict[str, float], expected: int
) -> float:
    covered = {word for row in chosen for word in sentences[row]}
    return (
        2 * sum(chances[word] for word in covered) / (sum(len(sentences[row]) for row in chosen) + expected)
    )


def test_likely_words_are_selected_first() -> None:
    selector = SentenceSelector([["a"], ["b"], ["c"]], [0, 0, 0], {"a": 0.1, "b": 0.9, "c": 0.5}, 1.0)
    assert selector.select(limits(1)) == [1]
    assert selector.select(limits(2)) == [1, 2]


def test_repetition_gains_nothing() -> None:
    sentences = [["a", "b"], ["a", "b"], ["c", "d"]]
    chances = {"a": 0.9, "b": 0.9, "c": 0.5, "d": 0.5}
    assert SentenceSelector(sentences, [0, 0, 0], chances, 1.0).select(limits()) == [0, 2]


def test_scores_count_in_proportion_to_their_weight() -> None:
    sentences, chances = [["a"], ["b"]], {"a": 0.5, "b": 0.4}
    assert SentenceSelector(sentences, [0, 1], chances, 0.0).select(limits(1)) == [0]
    assert SentenceSelector(sentences, [0, 1], chances, 1.0).select(limits(1)) == [1]


def test_a_single_sentence_may_exceed_the_word_limit() -> None:
    long = SentenceSelector([["a"] * 10, ["b"]], [0, 0], {"a": 0.99, "b": 0.01}, 1.0)
    assert long.select(limits(2, words=5, expected=30)) == [0]


def test_no_group_exceeds_its_limit() -> None:
    sentences = [[letter] for letter in "abcd"]
    chances = {"a": 0.9, "b": 0.8, "c": 0.2, "d": 0.1}
    selector = SentenceSelector(sentences, [0.0] * 4, chances, 1.0, groups=[0, 0, 1, 1])
    assert selector.select(limits(2, expected=40)) == [0, 1]
    assert selector.select(limits(2, expected=40, per_group=1)) == [0, 2]


def test_sentences_without_words_can_be_selected() -> None:
    assert SentenceSelector([[], []], [0.0, 1.0], {}, 1.0).select(limits(1)) == [1]


@settings(max_examples=200, deadline=None)
@given(sentences=SENTENCES, count=st.integers(1, 3), data=st.data())
def test_the_selection_is_within_limits_and_optimal_for_few_sentences(
    sentences: list[list[str]], count: int, data: st.DataObject
) -> None:
    chances = {word: data.draw(st.floats(0.05, 0.95)) for word in "abcdefgh"}
    chosen = SentenceSelector(sentences, [0.0] * len(sentences), chances, 1.0).select(limits(count, words=12))
    words = sum(len(sentences[row]) for row in chosen)
    assert chosen == sorted(set(chosen))
    assert 1 <= len(chosen) <= count
    assert len(chosen) == 1 or words <= 12
    allowed = [
        rows
        for size in range(1, count + 1)
        for rows in combinations(range(len(sentences)), size)
        if size == 1 or sum(len(sentences[row]) for row in rows) <= 12
    ]
    best = max(value(rows, sentences, chances, 4) for rows in allowed)
    assert value(tuple(chosen), sentences, chances, 4) >= best - 1e-6
