"""The in-house lines are valid."""

from __future__ import annotations

from pathlib import Path

import pytest

from build.data import in_house
from build.data.lemotif import LABELS, Head
from build.errors import RowError

HEADS: tuple[Head, ...] = ("feelings", "topics")


@pytest.mark.parametrize("head", HEADS)
def test_every_line_has_a_unique_text_and_one_known_label(head: Head) -> None:
    dataset = in_house.load(head, LABELS[head])
    assert len(dataset.texts) > 100
    assert len(set(dataset.texts)) == len(dataset.texts)
    assert (dataset.targets.sum(axis=1) == 1).all()


def test_other_labels_are_skipped() -> None:
    dataset = in_house.load("topics", ["school", "work"])
    assert dataset.labels == ["school", "work"]
    assert dataset.targets.any(axis=0).all()
    assert len(dataset.texts) == dataset.targets.sum()


@pytest.mark.parametrize("line", ["nap\tI slept.", "sleep\t ", "sleep"])
def test_malformed_line_is_reported(tmp_path: Path, line: str) -> None:
    (tmp_path / "topics.tsv").write_text(f"work\tA long day.\n{line}\n")
    with pytest.raises(RowError, match=r"topics\.tsv.*2"):
        in_house.load("topics", LABELS["topics"], tmp_path)
