"""Loop detection while decoding."""

from __future__ import annotations

from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.transcription import beam_search
from functions.transcription.beam_search import BeamSearchDecoder
from functions.transcription.hypothesis import EOS, Hypothesis, find_loop, loop_excess


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


@pytest.mark.parametrize(
    ("tokens", "left"),
    [
        ([1, 2, 3, *[7] * 40], [1, 2, 3, 7]),
        ([9, *[1, 2, 3, 4] * 20], [9, 1, 2, 3, 4]),
        ([8, *[1, 1, 2] * 20], [8, 1, 1, 2]),
        ([1, 2, 1, 2, 3], [1, 2, 1, 2, 3]),
        ([5] * 3, [5] * 3),
    ],
)
def test_of_a_loop_that_does_not_end_only_the_first_turn_is_left(tokens: list[int], left: list[int]) -> None:
    assert tokens[: len(tokens) - loop_excess(tokens)] == left
    stopped = Hypothesis(tuple(tokens), (-0.5,) * len(tokens), -0.5 * len(tokens)).stop()
    assert stopped.ran_out
    assert (list(stopped.tokens), len(stopped.logprobs)) == (left, len(left))


class Script:
    """Stands in for the decoder's graphs: says given tokens, one a step, then perhaps the end."""

    def __init__(self, tokens: list[int], *, ends: bool) -> None:
        self._next = iter(tokens)
        self._ends = ends

    @property
    def logprobs(self) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        row = np.full((1, 50), -20.0, np.float32)
        row[0, next(self._next, EOS if self._ends else 9)] = -0.01
        return row

    def append(self, tokens: object, parents: object) -> None:
        """Each step reads the next token."""


def decode(tokens: list[int], limit: int, *, ends: bool, monkeypatch: pytest.MonkeyPatch) -> Hypothesis:
    decoder = BeamSearchDecoder.__new__(BeamSearchDecoder)
    vars(decoder).update(_beam=1, _encode=lambda samples: samples, _decoder=Mock())
    monkeypatch.setattr(beam_search, "_DecoderCache", lambda *_: Script(tokens, ends=ends))
    return decoder.decode(np.zeros(1, np.float32), limit)


@pytest.mark.parametrize("times", [3, 5, 9])
def test_what_is_said_again_and_again_is_kept_whatever_follows(
    times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [11, 12, 13, 14] * times + [21, 22, 23]
    heard = decode(said, 60, ends=True, monkeypatch=monkeypatch)
    assert (list(heard.tokens), heard.ran_out) == (said, False)


def test_fast_repetitions_may_take_twice_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    said = [11, 12] * 15
    assert list(decode(said, 20, ends=True, monkeypatch=monkeypatch).tokens) == said


def test_a_loop_without_an_end_is_cut_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = decode([21, 22, 23, *[11, 12] * 60], 20, ends=False, monkeypatch=monkeypatch)
    assert (list(stuck.tokens[:5]), len(stuck.tokens) <= 7, stuck.ran_out) == (
        [21, 22, 23, 11, 12],
        True,
        True,
    )
