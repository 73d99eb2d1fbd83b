"""Biasing decoding towards words of a summary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.pre_tokenizers import Whitespace

from functions.summarization.abstracts.beam_search import DecodingConfig, search
from functions.summarization.abstracts.word_bias import WordBias, with_word_bias

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

VOCABULARY = ["[UNK]", "[END]", "train", "rain", "##s", ".", "lake"]
END = 1


@pytest.fixture
def tokenizer() -> Any:
    tokenizer: Any = Tokenizer(
        WordPiece({token: index for index, token in enumerate(VOCABULARY)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = Whitespace()
    return tokenizer


class UniformModel:
    """Predicts every token with the same probability."""

    def start(self, opening: int) -> Floats:
        return self.step([0], [opening])

    def step(self, parents: Sequence[int], tokens: Sequence[int]) -> Floats:
        return np.full((len(tokens), len(VOCABULARY)), -2.0, dtype=np.float32)


def generated(tokenizer: Tokenizer, chances: dict[str, float], bias: WordBias, most: int = 3) -> list[str]:
    model = with_word_bias(UniformModel(), chances, tokenizer, bias)
    config = DecodingConfig(beams=1, most=most, no_repeat=0)
    return [VOCABULARY[token] for token in search(model, 0, END, config, banned=[0])]


def test_likely_words_are_generated_first_and_once(tokenizer: Tokenizer) -> None:
    chances = {"rain": 0.9, "lake": 0.6, "train": 0.05}
    assert generated(tokenizer, chances, WordBias(weight=4.0, even=0.2), 2) == ["rain", "lake"]


def test_words_below_the_even_probability_are_penalized(tokenizer: Tokenizer) -> None:
    row = with_word_bias(
        UniformModel(), {"rain": 0.1, "lake": 0.5}, tokenizer, WordBias(weight=10.0, even=0.2)
    ).start(0)[0]
    plain = dict(zip(VOCABULARY, (row + 2.0).round(4).tolist(), strict=True))
    assert plain["rain"] == pytest.approx(-1.0)
    assert plain["lake"] == pytest.approx(3.0)
    assert plain["train"] == pytest.approx(-2.0), "it is not in the source"
    assert plain["##s"] == plain["."] == plain["[END]"] == 0.0


def test_a_repeated_word_gets_no_bonus(tokenizer: Tokenizer) -> None:
    model = with_word_bias(UniformModel(), {"lake": 0.7}, tokenizer, WordBias(weight=10.0, even=0.2))
    model.start(0)
    again = model.step([0, 0], [VOCABULARY.index("lake"), VOCABULARY.index("rain")])
    assert again[0, VOCABULARY.index("lake")] == pytest.approx(-4.0)
    assert again[1, VOCABULARY.index("lake")] == pytest.approx(3.0)


def test_without_weight_the_model_is_unchanged(tokenizer: Tokenizer) -> None:
    model = UniformModel()
    assert with_word_bias(model, {"rain": 0.9}, tokenizer, WordBias()) is model
