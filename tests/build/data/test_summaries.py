"""Summarization data: licences of the pairs, gap sentences and denoising."""

from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from build.data import summaries
from build.errors import DataError, RowError
from build.summarization.data.pretraining import (
    MASK,
    denoising_example,
    gap_example,
    random_passage,
    salience,
)

WORDS = st.lists(
    st.sampled_from(["rain", "train", "lake", "mother", "cried", "home"]), min_size=1, max_size=9
)
SENTENCES = st.lists(WORDS.map(" ".join), min_size=1, max_size=9)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [
        {"id": "a", "source": "A long story.", "summary": "Short.", "kind": "recalled", "group": "g"},
        {"id": "b", "source": "   ", "summary": "Nothing."},
    ]
    lines = b"\n".join(map(msgspec.json.encode, rows))
    for name in summaries.DATASETS:
        (tmp_path / f"{name}.dev.jsonl").write_bytes(lines)
        (tmp_path / f"{name}.train.jsonl.gz").write_bytes(gzip.compress(lines))
    return tmp_path


def test_pairs_with_an_empty_side_are_skipped(folder: Path) -> None:
    (pair,) = summaries.load(folder, "hippocorpus", "train")
    assert (pair.id, pair.kind, pair.group) == ("a", "recalled", "g")


def test_evaluation_only_datasets_have_no_train_split(folder: Path) -> None:
    assert summaries.load(folder, "samsum", "dev")
    with pytest.raises(DataError, match="forbids derivatives"):
        summaries.load(folder, "samsum", "train")


@pytest.mark.parametrize(("name", "split"), [("hippocorpus", "test"), ("cnn", "dev")])
def test_test_splits_and_unknown_datasets_are_rejected(folder: Path, name: str, split: str) -> None:
    with pytest.raises(DataError):
        summaries.load(folder, name, split)  # type: ignore[arg-type]


def test_malformed_row_is_reported_without_its_text(folder: Path) -> None:
    (folder / "dialogsum.dev.jsonl").write_text('{"id": "x", "source": "My secret"}\n')
    with pytest.raises(RowError, match=r"dialogsum\.dev\.jsonl, row 1") as raised:
        summaries.load(folder, "dialogsum", "dev")
    assert "secret" not in str(raised.value)


def test_salient_sentences_share_words_with_others() -> None:
    saliences = salience(["the lake was cold", "we swam in the cold lake", "bananas"])
    assert min(saliences[:2]) > saliences[2] == 0.0


@given(SENTENCES, st.integers(0, 100))
def test_gap_sentences_are_taken_from_the_story(sentences: list[str], seed: int) -> None:
    made = gap_example(sentences, salience(sentences), np.random.default_rng(seed))
    if len(sentences) < 4:
        assert made is None
        return
    assert made is not None
    joined = " ".join(sentences)
    assert all(word in joined for word in made.target.split())
    shown = made.source.replace("\n", " ").replace(MASK, "").split()
    assert len(shown) <= len(joined.split())


@given(SENTENCES, st.integers(0, 100))
def test_denoising_source_is_a_part_of_its_target(sentences: list[str], seed: int) -> None:
    text = " ".join(sentences)
    made = denoising_example(text, np.random.default_rng(seed))
    assert made.target == text
    kept = iter(text.split())
    assert all(word in kept for word in made.source.split() if word != MASK)


@given(SENTENCES, st.integers(0, 100))
def test_passage_is_a_run_of_sentences(sentences: list[str], seed: int) -> None:
    assert random_passage(sentences, np.random.default_rng(seed)) in " ".join(sentences)
