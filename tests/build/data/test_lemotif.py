"""Loaders of Lemotif and Hippocorpus; of Lemotif's file only the rows of train and dev are ever kept."""

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


def assignment(count: int = 4) -> Rows:
    splits: dict[lemotif.Split, list[int]] = {"train": [0, 3], "dev": [2]}
    return Rows(
        count,
        splits,
        {name: fingerprint([ENTRIES[row] for row in numbers]) for name, numbers in splits.items()},
    )


def published_csv(entries: Sequence[Entry] = tuple(ENTRIES), encoding: str = "utf-8", **cells: str) -> bytes:
    """The published file: a text, then a boolean for each label."""
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
    path.write_bytes(published_csv())
    return path


@pytest.fixture
def folder(source: Path, tmp_path: Path) -> Path:
    return lemotif_download.fetch_folder(tmp_path / "lemotif", source.as_uri(), assignment())


def test_train_and_dev_are_extracted(folder: Path) -> None:
    assert lemotif.read(folder, "train") == [ENTRIES[0], ENTRIES[3]]
    assert lemotif.read(folder, "dev") == [ENTRIES[2]]


def test_rows_of_neither_split_are_not_written(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["dev.jsonl", "train.jsonl"]
    assert all(b"held out" not in path.read_bytes() for path in folder.iterdir())


def test_rows_of_neither_split_are_not_parsed(tmp_path: Path) -> None:
    corrupted = (
        published_csv().replace(b"held out, never to be read", b"x").replace(b'" x",FALSE', b" x,maybe")
    )
    assert b"maybe" in corrupted
    entries_by_split = lemotif_download.select(corrupted, "table", assignment())
    assert [entry.id for entry in entries_by_split["train"] + entries_by_split["dev"]] == [0, 3, 2]


def test_folder_is_fetched_once(folder: Path, source: Path) -> None:
    source.unlink()
    assert lemotif_download.fetch_folder(folder, source.as_uri(), assignment()) == folder


def test_folder_with_other_content_is_fetched_again(folder: Path, source: Path) -> None:
    (folder / "dev.jsonl").write_text("{}")
    lemotif_download.fetch_folder(folder, source.as_uri(), assignment())
    assert lemotif.read(folder, "dev") == [ENTRIES[2]]


def test_cp1252_encoding_is_accepted(tmp_path: Path) -> None:
    entries_by_split = lemotif_download.select(published_csv(encoding="cp1252"), "table", assignment())
    assert entries_by_split["dev"] == [ENTRIES[2]]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (published_csv(ENTRIES[:3]), "3 rows, expected 4"),
        (published_csv([*ENTRIES, ENTRIES[0]]), "5 rows, expected 4"),
        (published_csv(text="Reply"), "lacks 1 columns, the first is Answer"),
        (published_csv(last="perhaps"), r"row 0: Answer\.t1\.work\.raw is not a boolean"),
        (published_csv([ENTRIES[2], *ENTRIES[1:]]), "the rows of train have changed"),
        (published_csv() + b'"open', "line 6"),
        (published_csv().replace(b"FALSE,FALSE\r\n", b"FALSE\r\n"), "29 cells under 30 columns"),
        (b"", "lacks 30 columns"),
    ],
)
def test_unexpected_file_is_rejected_and_nothing_is_written(
    content: bytes, problem: str, tmp_path: Path
) -> None:
    (tmp_path / "authors.csv").write_bytes(content)
    with pytest.raises(DataError, match=problem):
        lemotif_download.fetch_folder(tmp_path / "lemotif", (tmp_path / "authors.csv").as_uri(), assignment())
    assert not (tmp_path / "lemotif").exists()


def test_unreachable_url_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not respond"):
        lemotif_download.fetch_folder(tmp_path / "lemotif", (tmp_path / "absent").as_uri(), assignment())


def test_committed_splits_are_disjoint_and_leave_a_quarter() -> None:
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


def test_unknown_label_is_rejected(folder: Path) -> None:
    with pytest.raises(DataError, match="no topics joy"):
        lemotif.load(folder, "train", "topics", ["joy", "work"])


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "truncated"),
        ('{"id": 1, "text": "secret", "feelings": ["sad"]}', "topics"),
        ('{"id": 1, "text": "secret", "feelings": ["gloomy"], "topics": []}', "1 feelings are not among"),
        ('{"id": 1, "text": " ", "feelings": [], "topics": []}', "an empty text"),
    ],
)
def test_malformed_row_is_reported_without_its_text(folder: Path, line: str, problem: str) -> None:
    path = folder / "train.jsonl"
    path.write_text(path.read_text() + line)
    with pytest.raises(RowError, match=problem) as caught:
        lemotif.read(folder, "train")
    assert "train.jsonl, row 3" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("load", [lemotif.read, hippocorpus.load_stories])
def test_other_splits_cannot_be_loaded(load: Any, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="only train and dev"):
        load(tmp_path, cast(lemotif.Split, "test"))


def story(text: str) -> str:
    return json.dumps({"id": "a", "group": "g", "kind": "recalled", "source": text, "summary": "s"}) + "\n"


def test_texts_and_sentences_have_no_duplicates(tmp_path: Path) -> None:
    lines = story("We left. It rained!") + story("It rained! We left.") + story("We left. It rained!")
    (tmp_path / "hippocorpus.train.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    assert len(hippocorpus.load_stories(tmp_path, "train")) == 3
    assert hippocorpus.load_texts(tmp_path, "train") == ["We left. It rained!", "It rained! We left."]
    assert hippocorpus.load_sentences(tmp_path, "train") == ["We left.", "It rained!"]


def test_damaged_gzip_file_is_reported(tmp_path: Path) -> None:
    packed = gzip.compress(story("We left.").encode())
    for content in (packed[:-9], b"plain", packed[:12] + b"\xff" * 30):
        (tmp_path / "hippocorpus.train.jsonl.gz").write_bytes(content)
        with pytest.raises(DataError, match="not a complete gzip file"):
            hippocorpus.load_stories(tmp_path, "train")
