"""The labelled journal entries: what ships is valid and split by author, and mistakes are rejected."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import msgspec
import pytest

from build.data.journal import entries
from build.data.journal.entries import FOLDER, SourceRow, WrittenRow
from build.data.journal.labels import EMOTIONS, Labels, problems
from build.data.line_files import read_jsonl
from build.errors import DataError, RowError
from build.insight import agreement

LABELS = Labels(
    primary="relief",
    also=("joy",),
    valence=1,
    feelings=("calm",),
    topics=("health",),
    core=(1,),
    avoid=(0,),
    title="All clear",
    summary="The results came back fine.",
    concern=False,
    emotions=(("neutral",), ("relief", "joy")),
)
STORY = "The letter was on the mat.  It is benign, I sat on the stairs."


def write(folder: Path, name: str, *rows: Any) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\n".join(map(msgspec.json.encode, rows)))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Other sources' texts: one story and one entry in each split."""
    story = {"id": "hippo-1", "group": "1", "kind": "recalled", "source": STORY, "summary": "Fine."}
    entry = {"id": 7, "text": STORY, "feelings": ["calm"], "topics": ["health"]}
    folder = tmp_path / "data"
    write(folder, "summaries/hippocorpus.dev.jsonl", story)
    train = folder / "summaries" / "hippocorpus.train.jsonl.gz"
    train.write_bytes(gzip.compress(msgspec.json.encode(story)))
    for split in ("train", "dev"):
        write(folder, f"lemotif/{split}.jsonl", entry)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder like the shipped one, with one entry per source."""
    sentences = ("The letter was on the mat.", "It is benign, I sat on the stairs.")
    written = tmp_path / "journal"
    write(written, "written/a.jsonl", WrittenRow("a001", sentences, LABELS))
    write(written, "written/m.jsonl", WrittenRow("m001", sentences, LABELS))
    spans = ((0, 26), (28, 62))
    write(written, "hippocorpus.jsonl", SourceRow("hippo-1", "train", spans, LABELS))
    write(written, "lemotif.jsonl", SourceRow("lemotif-7", "dev", spans, LABELS))
    return written


def test_entries_have_their_sentences_and_are_split_by_author(folder: Path, data: Path) -> None:
    train, dev = (entries.load(split, data, folder) for split in entries.SPLITS)
    assert [entry.id for entry in train] == ["a001", "hippo-1"]
    assert [entry.id for entry in dev] == ["m001", "lemotif-7"]
    assert all(
        entry.sentences == ("The letter was on the mat.", "It is benign, I sat on the stairs.")
        for entry in (*train, *dev)
    )


def test_without_a_data_folder_only_written_entries_are_loaded(folder: Path) -> None:
    assert [entry.id for entry in entries.load("train", None, folder)] == ["a001"]


def test_a_text_that_its_source_does_not_have_is_an_error(folder: Path, data: Path) -> None:
    write(folder, "hippocorpus.jsonl", SourceRow("hippo-2", "train", ((0, 26), (28, 62)), LABELS))
    with pytest.raises(DataError, match="hippo-2"):
        entries.load("train", data, folder)


def test_spans_of_another_version_of_a_text_are_an_error(folder: Path, data: Path) -> None:
    write(folder, "hippocorpus.jsonl", SourceRow("hippo-1", "train", ((0, 27), (28, 62)), LABELS))
    with pytest.raises(RowError, match="not a sentence"):
        entries.load("train", data, folder)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"primary": "happiness"}, "unknown emotion"),
        ({"feelings": ("jolly",)}, "unknown feeling"),
        ({"topics": ("weather",)}, "unknown topic"),
        ({"also": ("relief",)}, "repeated"),
        ({"also": ("joy", "love", "pride", "surprise", "fear")}, "more than four"),
        ({"feelings": ()}, "no feeling"),
        ({"core": ()}, "no core"),
        ({"core": (2,)}, "not there"),
        ({"avoid": (1,)}, "core sentence to avoid"),
        ({"emotions": (("neutral", "joy"), ("relief",))}, "neutral beside"),
        ({"emotions": ((), ("relief",))}, "no emotion"),
        ({"emotions": (("joy",),)}, "1 sentences, not 2"),
    ],
)
def test_invalid_labels_are_named(changes: dict[str, Any], problem: str) -> None:
    assert problems(LABELS, 2) == []
    assert any(problem in found for found in problems(msgspec.structs.replace(LABELS, **changes), 2))


def test_a_row_with_invalid_labels_is_identified(folder: Path) -> None:
    invalid = msgspec.structs.replace(LABELS, primary="happiness")
    write(folder, "written/a.jsonl", WrittenRow("a001", ("One.", "Two."), invalid))
    with pytest.raises(RowError, match=r"a\.jsonl, row 1: an unknown emotion"):
        entries.load("train", None, folder)


# -- what ships -----------------------------------------------------------------------------------------


def test_the_written_entries_are_valid_and_unique() -> None:
    loaded = [entry for split in entries.SPLITS for entry in entries.load(split, None)]
    assert len({entry.id for entry in loaded}) == len(loaded) >= 2_400
    assert {entry.labels.primary for entry in loaded} == set(EMOTIONS)


def test_the_labels_by_id_are_valid_and_their_spans_in_order() -> None:
    count = 0
    for source in ("hippocorpus", "lemotif"):
        for _, row in read_jsonl(FOLDER / f"{source}.jsonl", SourceRow):
            count += 1
            assert problems(row.labels, len(row.spans)) == []
            flat = [position for span in row.spans for position in span]
            assert flat == sorted(flat)
    assert count >= 1_700


def test_fifteen_percent_of_the_entries_were_read_twice() -> None:
    readings = agreement.load()
    written = sum(len(entries.load(split, None)) for split in entries.SPLITS)
    others = sum(
        1 for name in ("hippocorpus", "lemotif") for _ in read_jsonl(FOLDER / f"{name}.jsonl", SourceRow)
    )
    assert len(readings) >= 0.15 * (written + others)
    estimates = agreement.agreement(readings)
    assert estimates["first emotion"].value > 95
    assert estimates["same primary emotion"].low < estimates["same primary emotion"].value < 100
