"""The project's own lines are sound, and no writer's own entry is among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from build.data import in_house
from build.data.lemotif import LABELS, Head
from build.errors import RowError

HEADS: tuple[Head, ...] = ("feelings", "topics")


@pytest.mark.parametrize("head", HEADS)
def test_every_line_is_one_text_of_one_known_label(head: Head) -> None:
    found = in_house.load(head, LABELS[head])
    assert len(found.texts) > 100
    assert len(set(found.texts)) == len(found.texts)
    assert (found.targets.sum(axis=1) == 1).all()


def test_labels_not_asked_for_are_left_out() -> None:
    found = in_house.load("topics", ["school", "work"])
    assert found.labels == ["school", "work"]
    assert found.targets.any(axis=0).all()
    assert len(found.texts) == found.targets.sum()


@pytest.mark.parametrize("line", ["nap\tI slept.", "sleep\t ", "sleep"])
def test_a_line_that_is_none_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "topics.tsv").write_text(f"work\tA long day.\n{line}\n")
    with pytest.raises(RowError, match=r"topics\.tsv.*2"):
        in_house.load("topics", LABELS["topics"], tmp_path)
