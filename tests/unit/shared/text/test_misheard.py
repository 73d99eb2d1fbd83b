"""Which corrections of a transcript name somebody."""

from __future__ import annotations

import pytest

from functions.shared.text.misheard import MAX_WORDS, misheard_names


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("I met sort of at the lake.", "I met Zorvath at the lake.", [("sort of", "Zorvath")]),
        ("Melons will called. I slept.", "Melindrel called. I slept.", [("Melons will", "Melindrel")]),
        ("We saw lake hornbill.", "We saw Lake Ombrell.", [("hornbill", "Ombrell")]),
        ("El cora came.", "Elcora came.", [("El cora", "Elcora")]),
        (
            "Trailer mine and fen will.",
            "Trelibine and Fenwyl.",
            [("Trailer mine", "Trelibine"), ("fen will", "Fenwyl")],
        ),
    ],
)
def test_a_name_in_place_of_similar_words_is_found(
    before: str, after: str, found: list[tuple[str, str]]
) -> None:
    assert misheard_names(before, after) == found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("I like the rose.", "I like the Rose."),
        ("Their was rain.", "There was rain."),
        ("I met a friend.", "I met Zorvath."),
        ("I went home.", "I went home. Zorvath came too."),
        ("I met the man.", "I met the men."),
        ("", "Zorvath came."),
    ],
)
def test_other_changes_are_not_taken_for_names(before: str, after: str) -> None:
    assert misheard_names(before, after) == []


def test_a_very_long_text_is_not_compared() -> None:
    words = "word " * MAX_WORDS
    assert misheard_names(f"{words} sort of", f"{words} Zorvath") == []
