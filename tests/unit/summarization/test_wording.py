"""The wording of summaries: disfluency removal, truecasing, chunks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.summarization.abstracts.chunking import chunk_sentences
from functions.summarization.wording.disfluencies import remove_disfluencies
from functions.summarization.wording.truecasing import truecase
from functions.summarization.wording.words import words


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("um so I I was uh late", "I was late."),
        ("well, you know, it it was fine.", "It was fine."),
        ("we were, we were on the train", "We were on the train."),
        ("I had a speech and forgot it.", "I had a speech and forgot it."),
        ("It was very very good!", "It was very very good!"),
        ("- [ ] call Lena", "Call Lena."),
        ("## A **big** day", "A big day."),
        ("He had had enough.", "He had had enough."),
        ("Um.", "Um."),
        ("😂", "😂"),
        ("and then, finally, he called", "Then, finally, he called."),
    ],
)
def test_disfluencies_are_removed(spoken: str, written: str) -> None:
    assert remove_disfluencies(spoken) == written


@given(st.text(max_size=80))
def test_removing_disfluencies_adds_no_words(text: str) -> None:
    original = iter(words(text))
    assert all(word in original for word in words(remove_disfluencies(text)))


SOURCE = (
    "Maria and I flew to New York. It wasn't José's idea, but NASA's!\n"
    "His mother-in-law came at 3:30 with $40."
)


@pytest.mark.parametrize(
    ("lower_case", "written"),
    [
        ("maria and i flew to new york .", "Maria and I flew to New York."),
        ("it wasn ' t jose ' s idea , but nasa ' s !", "It wasn't José's idea, but NASA's!"),
        ("i don ' t know . his mother - in - law came .", "I don't know. His mother-in-law came."),
        ("at 3 : 30 with $ 40 .", "At 3:30 with $40."),
        ('she said " yes " .', 'She said "yes".'),
    ],
)
def test_capitals_and_spaces_are_restored(lower_case: str, written: str) -> None:
    assert truecase(lower_case, SOURCE) == written


@given(st.lists(st.integers(1, 60), min_size=1, max_size=60), st.integers(20, 200))
def test_chunks_are_complete_and_fit_the_budget(lengths: list[int], budget: int) -> None:
    chunks = chunk_sentences(lengths, budget)
    assert [index for chunk in chunks for index in chunk] == list(range(len(lengths)))
    assert all(len(chunk) == 1 or sum(lengths[i] for i in chunk) <= budget for chunk in chunks)


def test_chunks_are_even() -> None:
    assert [len(chunk) for chunk in chunk_sentences([10] * 12, 90)] == [6, 6]
    assert chunk_sentences([10] * 3, 90) == [range(0, 3)]
