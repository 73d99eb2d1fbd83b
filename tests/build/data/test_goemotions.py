"""The loader reads the authors' format; errors identify the file and row."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from build.data import goemotions
from build.data.goemotions import Split
from build.errors import DataError, RowError
from build.files import fetch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "labels.txt").write_text("joy\nsadness\nneutral")
    (tmp_path / "train.tsv").write_text("So glad!\t0\ta1\nglad and\u2028sad\t0,1\ta2\n", encoding="utf-8")
    (tmp_path / "dev.tsv").write_text("A table.\t2\tb1\n")
    return tmp_path


def test_reads_texts_and_targets_in_file_order(folder: Path) -> None:
    examples = goemotions.load(folder, "train")
    assert examples.texts == ["So glad!", "glad and\u2028sad"]
    assert examples.labels == ["joy", "sadness", "neutral"]
    np.testing.assert_array_equal(examples.targets, [[1, 0, 0], [1, 1, 0]])


def test_splits_are_separate_files(folder: Path) -> None:
    assert goemotions.load(folder, "dev").texts == ["A table."]


def test_test_split_cannot_be_loaded(folder: Path) -> None:
    (folder / "test.tsv").write_text("hidden\t0\tc1\n")
    with pytest.raises(DataError, match="only train and dev"):
        goemotions.load(folder, cast(Split, "test"))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("just text", "1 fields"),
        ("text\t0\tid\textra", "4 fields"),
        ("\t0\tid", "an empty text"),
        ("   \t0\tid", "an empty text"),
        ("text\tjoy\tid", "not a number"),
        ("text\t\tid", "not a number"),
        ("text\t-1\tid", "not a number"),
        ("text\t3\tid", "label 3, but there are only 3"),
        ("text\t0,7\tid", "label 7, but there are only 3"),
        ("", "1 fields"),
    ],
)
def test_malformed_row_is_reported(folder: Path, line: str, problem: str) -> None:
    (folder / "train.tsv").write_text(f"fine\t0\ta\n{line}\nfine\t1\tb\n")
    with pytest.raises(RowError, match=problem) as caught:
        goemotions.load(folder, "train")
    assert caught.value.row == 2
    assert "train.tsv, row 2" in str(caught.value)


def test_error_does_not_quote_the_text(folder: Path) -> None:
    (folder / "train.tsv").write_text("my secret\t9\ta\n")
    with pytest.raises(RowError) as caught:
        goemotions.load(folder, "train")
    assert "secret" not in str(caught.value)


def test_invalid_utf8_is_reported(folder: Path) -> None:
    (folder / "train.tsv").write_bytes(b"fine\t0\ta\nbad \xff\t0\tb\n")
    with pytest.raises(RowError, match=r"train\.tsv, row 2: not UTF-8"):
        goemotions.load(folder, "train")


@pytest.mark.parametrize("name", ["train.tsv", "labels.txt"])
def test_missing_file_is_reported(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(DataError, match=f"{name} cannot be read"):
        goemotions.load(folder, "train")


@pytest.mark.parametrize(("name", "problem"), [("train.tsv", "no rows"), ("labels.txt", "no labels")])
def test_empty_file_is_reported(folder: Path, name: str, problem: str) -> None:
    (folder / name).write_bytes(b"")
    with pytest.raises(DataError, match=f"{name} has {problem}"):
        goemotions.load(folder, "train")


def test_repeated_label_is_reported(folder: Path) -> None:
    (folder / "labels.txt").write_text("joy\nsadness\njoy\n")
    with pytest.raises(RowError, match=r"labels\.txt, row 3"):
        goemotions.load(folder, "train")


def test_fetched_file_must_have_the_pinned_digest(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"content")
    target = tmp_path / "target"
    with pytest.raises(DataError, match="expected 0000"):
        fetch(source.as_uri(), target, "0000")
    assert not target.exists()


def test_pinned_file_is_fetched_once(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "deep" / "target"
    source.write_bytes(b"content")
    digest = hashlib.sha256(b"content").hexdigest()
    assert fetch(source.as_uri(), target, digest).read_bytes() == b"content"
    source.unlink()
    assert fetch(source.as_uri(), target, digest) == target


def test_unreachable_url_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not respond"):
        fetch((tmp_path / "absent").as_uri(), tmp_path / "target", "0000")
