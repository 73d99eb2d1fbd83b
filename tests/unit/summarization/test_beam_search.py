"""Searching for the likeliest text; equality with transformers' search is tested in tests/build."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.summarization.beam_search import DecodingConfig, search, stream

OPEN, END, TOKENS = 0, 1, 6


class Table:
    """A writer whose next token depends on how much is written and on the last token alone."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        odds = random.normal(size=(40, TOKENS, TOKENS)) * 2.0
        self._log = (odds - np.log(np.exp(odds).sum(-1, keepdims=True))).astype(np.float32)
        self.written = 0

    def start(self, opening: int) -> npt.NDArray[np.float32]:
        self.written = 0
        found: npt.NDArray[np.float32] = self._log[0, [opening]]
        return found

    def step(self, parents: Sequence[int], tokens: Sequence[int]) -> npt.NDArray[np.float32]:
        self.written += 1
        found: npt.NDArray[np.float32] = self._log[self.written, list(tokens)]
        return found

    def score(self, tokens: Sequence[int]) -> float:
        return float(
            sum(self._log[at, a, b] for at, (a, b) in enumerate(zip([OPEN, *tokens], tokens, strict=False)))
        )


SEEDS = st.integers(0, 10_000)
QUICK = settings(max_examples=60, deadline=None)


def every(depth: int) -> list[list[int]]:
    """All texts of up to `depth` tokens, with their end where they end before."""
    open_texts: list[list[int]] = [[]]
    done = []
    for _ in range(depth):
        longer = [[*text, token] for text in open_texts for token in range(TOKENS)]
        done += [text for text in longer if text[-1] == END]
        open_texts = [text for text in longer if text[-1] != END]
    return done + open_texts


@QUICK
@given(seed=SEEDS)
def test_with_enough_beams_the_search_is_exhaustive(seed: int) -> None:
    writer, how = Table(seed), DecodingConfig(beams=300, most=3, length_penalty=1.0, no_repeat=0)
    best = max(every(3), key=lambda text: writer.score(text) / len(text))
    assert search(writer, OPEN, END, how) == [token for token in best if token != END]


@QUICK
@given(seed=SEEDS, beams=st.integers(1, 4), size=st.integers(1, 3))
def test_no_n_gram_occurs_twice(seed: int, beams: int, size: int) -> None:
    found = [OPEN, *search(Table(seed), OPEN, END, DecodingConfig(beams=beams, most=20, no_repeat=size))]
    runs = [tuple(found[at : at + size]) for at in range(len(found) - size + 1)]
    assert len(runs) == len(set(runs))


@QUICK
@given(seed=SEEDS, beams=st.integers(1, 4), least=st.integers(0, 6))
def test_the_length_is_within_its_bounds(seed: int, beams: int, least: int) -> None:
    how = DecodingConfig(beams=beams, least=least, most=8, no_repeat=0)
    assert least <= len(search(Table(seed), OPEN, END, how)) <= 8


@QUICK
@given(seed=SEEDS, beams=st.integers(1, 4))
def test_banned_tokens_are_never_generated(seed: int, beams: int) -> None:
    assert not {2, 3} & set(
        search(Table(seed), OPEN, END, DecodingConfig(beams=beams, most=12), banned=[2, 3])
    )


@pytest.mark.parametrize("penalty", [0.0, 3.0])
def test_a_positive_length_penalty_favours_longer_texts(penalty: float) -> None:
    lengths = [
        len(search(Table(seed), OPEN, END, DecodingConfig(beams=4, most=12, length_penalty=penalty)))
        for seed in range(30)
    ]
    assert (np.mean(lengths) > 6) == (penalty > 0)


def test_a_stream_yields_tokens_as_they_are_known() -> None:
    writer = Table(4)
    going = stream(writer, OPEN, END, DecodingConfig(beams=1, most=6, no_repeat=0))
    first = next(going)
    assert writer.written == 0
    assert [first, *going] == search(Table(4), OPEN, END, DecodingConfig(beams=1, most=6, no_repeat=0))
