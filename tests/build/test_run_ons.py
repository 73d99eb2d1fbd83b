"""The training of the model that cuts run-on sentences."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from random import Random

import pytest

pytest.importorskip("sklearn", exc_type=ImportError)

from build.run_ons.__main__ import MAX_BYTES, main
from build.run_ons.speech import without_punctuation
from build.run_ons.training import evaluate, fit, score
from functions.shared.text.run_ons import WEIGHTS, cuts

STORY = "I was late. The bus had left! So I walked; it was cold."


def test_dictation_has_no_punctuation_but_knows_its_sentences() -> None:
    (speech,) = without_punctuation([STORY, "Just one."])
    assert speech.words == [
        "i",
        "was",
        "late",
        "the",
        "bus",
        "had",
        "left",
        "so",
        "i",
        "walked",
        "it",
        "was",
        "cold",
    ]
    assert speech.starts == {3, 7}


def test_fillers_are_said_at_random_and_the_same_for_a_seed() -> None:
    spoken = without_punctuation([STORY] * 50, Random(1))
    assert spoken == without_punctuation([STORY] * 50, Random(1))
    words = {word for speech in spoken for word in speech.words}
    assert {"um", "and"} & words
    assert all(max(speech.starts) < len(speech.words) for speech in spoken)


def test_a_model_learns_where_sentences_begin() -> None:
    stories = [
        f"I saw the {thing}. It was {kind}. We went home."
        for thing in ("lake", "sea", "moon")
        for kind in ("cold", "nice", "far")
    ] * 4
    spoken = without_punctuation(stories)
    weights = fit(spoken, spoken[::5], keep=500, regularization=1.0)
    assert evaluate(spoken, weights).f1 == 1.0
    unseen = ["i", "saw", "the", "dog", "it", "was", "far", "we", "went", "home"]
    assert cuts(unseen, len(unseen) - 1, weights) == [4, 7]


def test_scores_are_of_all_cuts_together() -> None:
    result = score([frozenset({2, 5}), frozenset({3})], [frozenset({2}), frozenset({3, 4})])
    assert result == pytest.approx((2 / 3, 2 / 3, 2 / 3))


def test_the_command_trains_scores_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = json.dumps({"id": "a", "group": "g", "kind": "recalled", "source": STORY})
    rows = "".join(row.replace("bus", f"bus {index}") + "\n" for index in range(40))
    (tmp_path / "hippocorpus.train.jsonl.gz").write_bytes(gzip.compress(rows.encode()))
    (tmp_path / "hippocorpus.dev.jsonl").write_text(rows)
    out = tmp_path / "weights.json"
    assert main([str(tmp_path), "--out", str(out)]) == 0
    assert "dev stories: precision" in capsys.readouterr().out
    assert out.stat().st_size < MAX_BYTES
    assert main([str(tmp_path / "none")]) == 1


def test_the_weights_that_ship_are_small_enough() -> None:
    assert WEIGHTS.stat().st_size <= MAX_BYTES
