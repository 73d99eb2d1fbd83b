"""Lemotif's and Hippocorpus' loaders; of Lemotif's table only the rows of train and dev are ever kept."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from build.data import hippocorpus, lemotif, lemotif_download
from build.data.lemotif import LABELS, Entry
from build.data.lemotif_download import COLUMN, TEXT, Rows, fingerprint
from build.errors import DataError, RowError

ENTRIES = [
    Entry(0, "A run, then cake.", ["happy", "proud"], ["exercise"]),
    Entry(1, "held out, never to be read", ["sad"], ["work"]),
    Entry(2, "Mum’s here.", ["calm"], ["family"]),
    Entry(3, "No sleep", ["anxious", "sad"], []),
]


def chosen(count: int = 4) -> Rows:
    splits: dict[lemotif.Split, list[int]] = {"train": [0, 3], "dev": [2]}
    return Rows(
        count,
        splits,
        {name: fingerprint([ENTRIES[row] for row in numbers]) for name, numbers in splits.items()},
    )


def authors(entries: Sequence[Entry] = tuple(ENTRIES), encoding: str = "utf-8", **cells: str) -> bytes:
    """The authors' table: a text, then a truth value for each label."""
    out = io.StringIO()
    names = [(head, label) for head, labels in LABELS.items() for label in labels]
    table = csv.writer(out)
    table.writerow([cells.get("text", TEXT), *(COLUMN[head].format(label) for head, label in names)])
    for entry in entries:
        marks = ["TRUE" if label in getattr(entry, head) else "FALSE" for head, label in names]
        table.writerow([f" {entry.text}", *marks[:-1], cells.get("last", marks[-1])])
    return out.getvalue().encode(encoding)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "authors.csv"
    path.write_bytes(authors())
    return path


@pytest.fixture
def folder(source: Path, tmp_path: Path) -> Path:
    return lemotif_download.fetch_folder(tmp_path / "lemotif", source.as_uri(), chosen())


def test_train_and_dev_come_out_of_the_authors_table(folder: Path) -> None:
    assert lemotif.read(folder, "train") == [ENTRIES[0], ENTRIES[3]]
    assert lemotif.read(folder, "dev") == [ENTRIES[2]]


def test_rows_of_neither_split_are_not_written_anywhere(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["dev.jsonl", "train.jsonl"]
    assert all(b"held out" not in path.read_bytes() for path in folder.iterdir())


def test_rows_of_neither_split_are_not_even_looked_at(tmp_path: Path) -> None:
    spoilt = authors().replace(b"held out, never to be read", b"x").replace(b'" x",FALSE', b" x,maybe")
    assert b"maybe" in spoilt
    found = lemotif_download.select(spoilt, "table", chosen())
    assert [entry.id for entry in found["train"] + found["dev"]] == [0, 3, 2]


def test_a_folder_is_fetched_once(folder: Path, source: Path) -> None:
    source.unlink()
    assert lemotif_download.fetch_folder(folder, source.as_uri(), chosen()) == folder


def test_a_folder_that_says_something_else_is_fetched_again(folder: Path, source: Path) -> None:
    (folder / "dev.jsonl").write_text("{}")
    lemotif_download.fetch_folder(folder, source.as_uri(), chosen())
    assert lemotif.read(folder, "dev") == [ENTRIES[2]]


def test_an_older_encoding_is_understood(tmp_path: Path) -> None:
    found = lemotif_download.select(authors(encoding="cp1252"), "table", chosen())
    assert found["dev"] == [ENTRIES[2]]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (authors(ENTRIES[:3]), "3 rows, expected 4"),
        (authors([*ENTRIES, ENTRIES[0]]), "5 rows, expected 4"),
        (authors(text="Reply"), "lacks 1 columns, the first of them Answer"),
        (authors(last="perhaps"), r"row 0: Answer\.t1\.work\.raw is neither true nor false"),
        (authors([ENTRIES[2], *ENTRIES[1:]]), "the rows of train are not the ones"),
        (authors() + b'"open', "line 6"),
        (authors().replace(b"FALSE,FALSE\r\n", b"FALSE\r\n"), "29 cells under 30 columns"),
        (b"", "lacks 30 columns"),
    ],
)
def test_another_table_is_refused_and_nothing_is_written(
    content: bytes, problem: str, tmp_path: Path
) -> None:
    (tmp_path / "authors.csv").write_bytes(content)
    with pytest.raises(DataError, match=problem):
        lemotif_download.fetch_folder(tmp_path / "lemotif", (tmp_path / "authors.csv").as_uri(), chosen())
    assert not (tmp_path / "lemotif").exists()


def test_an_address_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not answer"):
        lemotif_download.fetch_folder(tmp_path / "lemotif", (tmp_path / "absent").as_uri(), chosen())


def test_the_committed_splits_are_disjoint_and_leave_a_quarter() -> None:
    rows = lemotif_download.rows()
    train, dev = set(rows.splits["train"]), set(rows.splits["dev"])
    assert (len(train), len(dev), rows.count) == (883, 221, 1473)
    assert not train & dev
    assert train | dev < set(range(rows.count))


def test_each_head_has_its_own_targets(folder: Path) -> None:
    topics = lemotif.load(folder, "train", "topics")
    assert topics.labels == LABELS["topics"]
    assert topics.targets.sum() == 1
    feelings = lemotif.load(folder, "train", "feelings", ["sad", "happy"])
    assert feelings.texts == ["A run, then cake.", "No sleep"]
    np.testing.assert_array_equal(feelings.targets, [[0, 1], [1, 0]])


def test_a_label_lemotif_has_not_is_refused(folder: Path) -> None:
    with pytest.raises(DataError, match="no topics joy"):
        lemotif.load(folder, "train", "topics", ["joy", "work"])


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "truncated"),
        ('{"id": 1, "text": "secret", "feelings": ["sad"]}', "topics"),
        ('{"id": 1, "text": "secret", "feelings": ["gloomy"], "topics": []}', "1 of its feelings"),
        ('{"id": 1, "text": " ", "feelings": [], "topics": []}', "an empty text"),
    ],
)
def test_a_broken_row_is_named_and_not_quoted(folder: Path, line: str, problem: str) -> None:
    path = folder / "train.jsonl"
    path.write_text(path.read_text() + line)
    with pytest.raises(RowError, match=problem) as caught:
        lemotif.read(folder, "train")
    assert "train.jsonl, row 3" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("load", [lemotif.read, hippocorpus.stories])
def test_no_other_split_can_be_loaded(load: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="only train and dev"):
        load(tmp_path, cast(lemotif.Split, "test"))


def story(text: str) -> str:
    return json.dumps({"id": "a", "group": "g", "kind": "recalled", "source": text, "summary": "s"}) + "\n"


def test_stories_come_as_texts_and_as_sentences_each_once(tmp_path: Path) -> None:
    lines = story("We left. It rained!") + story("It rained! We left.") + story("We left. It rained!")
    (tmp_path / "hippocorpus.train.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    assert len(hippocorpus.stories(tmp_path, "train")) == 3
    assert hippocorpus.texts(tmp_path, "train") == ["We left. It rained!", "It rained! We left."]
    assert hippocorpus.sentences(tmp_path, "train") == ["We left.", "It rained!"]


def test_a_broken_gzip_file_is_named(tmp_path: Path) -> None:
    packed = gzip.compress(story("We left.").encode())
    for content in (packed[:-9], b"plain", packed[:12] + b"\xff" * 30):
        (tmp_path / "hippocorpus.train.jsonl.gz").write_bytes(content)
        with pytest.raises(DataError, match="not a whole gzip file"):
            hippocorpus.stories(tmp_path, "train")
