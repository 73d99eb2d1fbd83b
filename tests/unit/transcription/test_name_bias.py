"""How names are rewarded while decoding, and what that does to the words of a recording."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from functions.shared.audio import decoding
from functions.shared.domain.stage_work import no_progress
from functions.transcription.config import NameBias
from functions.transcription.engine import Engine, join_text
from functions.transcription.hypothesis import Hypothesis
from functions.transcription.name_bias import NameTrie
from functions.transcription.transcriber import load_engine
from functions.transcription.vocabulary import SPACE, Vocabulary
from tests.unit.transcription.media import Samples
from tests.unit.transcription.sounds import AROUND_US

TOKENS = ("</s>", "▁", "▁An", "An", "n", "a", "▁Anna", "▁Bo", "▁and", "b", ".", "'", "s", "ette")


@pytest.fixture
def vocabulary(tmp_path: Path) -> Vocabulary:
    entries = (token.encode() for token in TOKENS)
    path = tmp_path / "tokenizer.bin"
    path.write_bytes(b"".join(bytes([len(entry)]) + entry for entry in entries))
    return Vocabulary(path)


def spelled(trie: NameTrie, tokens: Sequence[str]) -> Hypothesis:
    """A hypothesis of these tokens, each of them certain."""
    hypothesis = Hypothesis()
    for token in tokens:
        hypothesis = hypothesis.extend(TOKENS.index(token), 0.0, trie)
    return hypothesis


@pytest.mark.parametrize(
    ("tokens", "reward"),
    [
        (["▁Anna", "▁and"], 4.0),
        (["▁An", "n", "a", "."], 4.0),
        (["▁", "An", "n", "a", "."], 4.0),
        (["▁Anna", "'", "s"], 4.0),
        (["▁Anna", "▁Bo", "▁and"], 6.0),
        (["▁Anna", "▁Anna", "▁and"], 8.0),
        (["▁An", "▁and"], 0.0),
        (["▁Anna", "b"], 0.0),
        (["▁Anna", "▁Bo", "b", "▁and"], 4.0),
        (["▁An", "n", "ette", "▁and"], 0.0),
        (["An", "n", "a", "▁and"], 0.0),
    ],
)
def test_only_whole_names_are_rewarded(vocabulary: Vocabulary, tokens: Sequence[str], reward: float) -> None:
    trie = NameTrie(["Anna", "Anna Bo"], vocabulary, NameBias(reward=1.0))
    assert spelled(trie, tokens).reward == reward


def test_the_end_of_the_text_ends_a_name(vocabulary: Vocabulary) -> None:
    trie = NameTrie(["Anna"], vocabulary, NameBias(reward=1.0))
    hypothesis = spelled(trie, ["▁and", "▁Anna"])
    assert trie.pending(hypothesis.match) == 4.0
    ended = hypothesis.end(-0.1, trie)
    assert (ended.reward, ended.named) == (4.0, ((1, 2),))


def test_a_name_in_progress_promises_the_reward_of_the_whole(vocabulary: Vocabulary) -> None:
    trie = NameTrie(["Anna", "Anna Bo", "Bo"], vocabulary, NameBias(reward=0.5))
    begun = spelled(trie, ["▁An"]).match
    assert (trie.pending(begun), trie.promised(begun)) == (1.0, 3.0)
    assert trie.promised(spelled(trie, ["▁and"]).match) == 0.0


def test_each_letter_counts_as_soon_as_it_is_spelled(vocabulary: Vocabulary) -> None:
    trie = NameTrie(["Anna", "Anna Bo", "Bo"], vocabulary, NameBias(reward=0.5))

    def rewards(*tokens: str) -> dict[str, float]:
        found, values = trie.continuations(spelled(trie, tokens).match)
        return {TOKENS[token]: float(value) for token, value in zip(found, values, strict=True)}

    assert rewards("▁An") == {"n": 1.5, "▁": 0.0, "▁An": 1.0, "▁Anna": 2.0, "▁Bo": 1.0}
    complete = rewards("▁Anna")
    assert complete["▁Bo"] == 3.0, "it continues the name"
    assert complete["▁An"] == 3.0, "the name is earned, another begins"


def test_no_name_begins_where_the_decoder_expects_the_end(vocabulary: Vocabulary) -> None:
    trie = NameTrie(["Anna"], vocabulary, NameBias())
    assert Hypothesis().extend(TOKENS.index("▁An"), -9.0, trie, begins=False).match.node == 0
    begun = spelled(trie, ["▁An"])
    assert trie.pending(begun.extend(TOKENS.index("n"), -1.0, trie, begins=False).match) > 0
    assert len(trie.continuations(Hypothesis().match, begins=False)[0]) == 0


def test_a_name_that_the_decoder_knows_gains_less(vocabulary: Vocabulary) -> None:
    trie = NameTrie(["Anna", "Annab"], vocabulary, NameBias(reward=2.0, most_per_token=5.0))
    assert spelled(trie, ["▁Anna", "▁and"]).reward == 5.0
    assert spelled(trie, ["▁Anna", "b", "▁and"]).reward == 10.0


@pytest.mark.parametrize(("logprob", "reward"), [(-1.9, 4.0), (-2.1, 0.0)])
def test_a_name_that_costs_more_than_it_gains_does_not_count(
    vocabulary: Vocabulary, logprob: float, reward: float
) -> None:
    trie = NameTrie(["Anna"], vocabulary, NameBias(reward=1.0))
    hypothesis = Hypothesis()
    for token, cost in (("▁An", logprob), ("n", logprob), ("a", 0.0), ("▁and", -9.0)):
        hypothesis = hypothesis.extend(TOKENS.index(token), cost, trie)
    assert (hypothesis.reward, bool(hypothesis.named)) == (reward, reward > 0)


def test_a_name_is_no_evidence_of_the_language(vocabulary: Vocabulary) -> None:
    trie = NameTrie(["Anna"], vocabulary, NameBias(reward=2.0, most_per_token=9.0))
    hypothesis = Hypothesis()
    for token, logprob in (("▁and", -0.1), ("▁An", -2.0), ("n", -2.0), ("a", -1.9), (".", -0.1)):
        hypothesis = hypothesis.extend(TOKENS.index(token), logprob, trie)
    assert hypothesis.evidence == (-0.1, -0.1)
    assert hypothesis.mean < -1


@pytest.fixture(scope="module")
def engine(models: Path) -> Engine:
    return load_engine("moonshine", models)


@pytest.fixture(scope="module")
def two_cities(recordings: Path) -> Samples:
    return decoding.decode(recordings / "two_cities.wav")


def text_of(engine: Engine, samples: Samples, names: Sequence[str]) -> str:
    return join_text(engine.transcribe(samples, progress=no_progress, names=names).segments)


@pytest.mark.models
def test_a_word_is_spelled_as_in_the_dictionary(engine: Engine, two_cities: Samples) -> None:
    plain = text_of(engine, two_cities, ())
    assert "the age of wisdom." in plain
    assert text_of(engine, two_cities, ["Zorvath", "Wisdom"]) == plain.replace("wisdom", "Wisdom")


@pytest.mark.models
def test_names_that_nobody_says_change_nothing(engine: Engine, two_cities: Samples) -> None:
    names = ["Zorvath", "Melindrel", "Pimbo", "Lake Ombrell", "Bileaf", "Dispair", "Whisdom", "Increddulity"]
    assert text_of(engine, two_cities, names) == text_of(engine, two_cities, ())


@pytest.mark.models
@pytest.mark.parametrize("name", ["rain", "traffic"])
def test_no_name_is_heard_in_noise(engine: Engine, name: str) -> None:
    assert text_of(engine, AROUND_US[name](), ["Zorvath", "Ruth", "Sean", "Ann", "Bo"]) == ""


def test_every_token_of_a_word_but_the_first_continues_it(vocabulary: Vocabulary) -> None:
    begins = {TOKENS[token] for token in vocabulary.begins_word.nonzero()[0].tolist()}
    assert begins == {"</s>", "▁", "▁An", "▁Anna", "▁Bo", "▁and", ".", "'"}
    assert SPACE == "▁"
