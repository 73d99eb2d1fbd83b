"""Beam search; equality with transformers' search is tested in tests/build."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.summarization.abstracts.beam_search import DecodingConfig, search, stream

OPEN, END, TOKENS = 0, 1, 6


class TableModel:
    """A model whose next token depends only on the number of tokens and on the last token."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        odds = random.normal(size=(40, TOKENS, TOKENS)) * 2.0
        self._log = (odds - np.log(np.exp(odds).sum(-1, keepdims=True))).astype(np.float32)
        self.generated = 0

    def start(self, opening: int) -> npt.NDArray[np.float32]:
        self.generated = 0
        logprobs: npt.NDArray[np.float32] = self._log[0, [opening]]
        return logprobs

    def step(self, parents: Sequence[int], tokens: Sequence[int]) -> npt.NDArray[np.float32]:
        self.generated += 1
        logprobs: npt.NDArray[np.float32] = self._log[self.generated, list(tokens)]
        return logprobs

    def score(self, tokens: Sequence[int]) -> float:
        return float(
            sum(
                self._log[step, a, b]
                for step, (a, b) in enumerate(zip([OPEN, *tokens], tokens, strict=False))
            )
        )


SEEDS = st.integers(0, 10_000)
QUICK = settings(max_examples=60, deadline=None)


def all_texts(depth: int) -> list[list[int]]:
    """All texts of up to `depth` tokens; texts that end earlier include the end token."""
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
    model, config = TableModel(seed), DecodingConfig(beams=300, most=3, length_penalty=1.0, no_repeat=0)
    best = max(all_texts(3), key=lambda text: model.score(text) / len(text))
    assert search(model, OPEN, END, config) == [token for token in best if token != END]


@QUICK
@given(seed=SEEDS, beams=st.integers(1, 4), size=st.integers(1, 3))
def test_no_n_gram_occurs_twice(seed: int, beams: int, size: int) -> None:
    tokens = [
        OPEN,
        *search(TableModel(seed), OPEN, END, DecodingConfig(beams=beams, most=20, no_repeat=size)),
    ]
    n_grams = [tuple(tokens[start : start + size]) for start in range(len(tokens) - size + 1)]
    assert len(n_grams) == len(set(n_grams))


@QUICK
@given(seed=SEEDS, beams=st.integers(1, 4), least=st.integers(0, 6))
def test_the_length_is_within_its_bounds(seed: int, beams: int, least: int) -> None:
    config = DecodingConfig(beams=beams, least=least, most=8, no_repeat=0)
    assert least <= len(search(TableModel(seed), OPEN, END, config)) <= 8


@QUICK
@given(seed=SEEDS, beams=st.integers(1, 4))
def test_banned_tokens_are_never_generated(seed: int, beams: int) -> None:
    assert not {2, 3} & set(
        search(TableModel(seed), OPEN, END, DecodingConfig(beams=beams, most=12), banned=[2, 3])
    )


@pytest.mark.parametrize("penalty", [0.0, 3.0])
def test_a_positive_length_penalty_favours_longer_texts(penalty: float) -> None:
    lengths = [
        len(search(TableModel(seed), OPEN, END, DecodingConfig(beams=4, most=12, length_penalty=penalty)))
        for seed in range(30)
    ]
    assert (np.mean(lengths) > 6) == (penalty > 0)


def test_a_stream_yields_tokens_as_they_are_known() -> None:
    model = TableModel(4)
    tokens = stream(model, OPEN, END, DecodingConfig(beams=1, most=6, no_repeat=0))
    first = next(tokens)
    assert model.generated == 0
    assert [first, *tokens] == search(TableModel(4), OPEN, END, DecodingConfig(beams=1, most=6, no_repeat=0))
