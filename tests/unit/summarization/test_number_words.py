"""Number words and digits are the same number to the check of summaries."""

from __future__ import annotations

import pytest

from functions.shared.domain.insight import FallbackReason
from functions.summarization.abstracts.faithfulness import find_unfaithful

SMALL = (
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
)
TEENS = ("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred")
NUMBERS = {
    **{word: number for number, word in enumerate((*SMALL, *TEENS), 2)},
    **{word: 10 * number for number, word in enumerate(TENS, 2)},
    **{"thousand": 1000, "million": 1_000_000, "dozen": 12},
}


@pytest.mark.parametrize(("word", "number"), NUMBERS.items())
def test_a_number_word_equals_its_digits_and_no_other_number(word: str, number: int) -> None:
    source = f"We counted {word} cars on the road."
    assert find_unfaithful(source, f"We counted {number} cars on the road.") is None
    for other in (number - 1, number + 1):
        summary = f"We counted {other} cars on the road."
        assert find_unfaithful(source, summary) is FallbackReason.INVENTED_NUMBER
