"""Loop detection while decoding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.transcription.beam_search import find_loop


@given(
    st.lists(st.integers(100, 999), max_size=20),
    st.lists(st.integers(0, 99), min_size=1, max_size=20, unique=True),
    st.integers(12, 15),
)
def test_a_loop_is_reduced_to_its_first_occurrence(spoken: list[int], loop: list[int], times: int) -> None:
    tokens = spoken + loop * times
    rest = tokens[: len(tokens) - find_loop(tokens)]
    assert rest[: len(spoken) + len(loop)] == spoken + loop
    assert len(rest) < len(tokens)


@pytest.mark.parametrize("spoken", [[], [7], [7] * 4, [7] * 11, [1, 2, 3] * 2, [1, 2] * 5, list(range(40))])
def test_repetition_in_normal_speech_is_kept(spoken: list[int]) -> None:
    assert find_loop(spoken) == 0


def test_a_loop_is_detected_at_its_third_repetition() -> None:
    phrase = [4, 8, 15, 16]
    assert find_loop(phrase * 3) == 8
    assert find_loop((phrase * 3)[:-1]) == 0
    assert find_loop([7] * 12) == 11
