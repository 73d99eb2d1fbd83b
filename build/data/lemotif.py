"""Lemotif (Li and Parikh 2019, https://arxiv.org/abs/1903.07766): journal entries labelled by their writers.

18 feelings and 11 topics, several feelings to an entry. A folder holds ``train.jsonl`` and ``dev.jsonl``;
``lemotif_source`` brings them from the authors.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from build.data.dataset import Examples, targets
from build.data.line_files import records
from build.errors import DataError, RowError

Split = Literal["train", "dev"]
Head = Literal["feelings", "topics"]

# fmt: off
LABELS: dict[Head, list[str]] = {
    "feelings": [
        "afraid", "angry", "anxious", "ashamed", "awkward", "bored", "calm", "confused",
        "disgusted", "excited", "frustrated", "happy", "jealous", "nostalgic", "proud", "sad",
        "satisfied", "surprised",
    ],
    "topics": [
        "exercise", "family", "food", "friends", "god", "health", "love", "recreation",
        "school", "sleep", "work",
    ],
}
# fmt: on


class Entry(msgspec.Struct, frozen=True):
    """One journal entry; ``id`` is its row in the authors' file, counted from 0 behind the header."""

    id: int
    text: str
    feelings: list[str]
    topics: list[str]


def read(folder: Path, split: Split) -> list[Entry]:
    """The entries of ``train.jsonl`` or ``dev.jsonl`` in ``folder``.

    Raises:
        RowError: a row that is no entry, or bears a label Lemotif does not have.
        DataError: a file that is missing or empty, or a split other than train and dev.
    """
    if split not in ("train", "dev"):
        raise DataError(f"split {split!r}: only train and dev are ever loaded")
    path = folder / f"{split}.jsonl"
    return [_checked(path, row, entry) for row, entry in records(path, Entry)]


def load(folder: Path, split: Split, head: Head, labels: Sequence[str] | None = None) -> Examples:
    """One split with the targets of one head; ``labels`` (default: all of them) leaves out the others.

    Raises:
        DataError: as ``read`` does, or a label Lemotif does not have.
    """
    names = list(LABELS[head] if labels is None else labels)
    if unknown := set(names) - set(LABELS[head]):
        raise DataError(f"Lemotif has no {head} {', '.join(sorted(unknown))}")
    entries = read(folder, split)
    places = {name: place for place, name in enumerate(names)}
    numbers = [[places[name] for name in getattr(entry, head) if name in places] for entry in entries]
    return Examples([entry.text for entry in entries], targets(numbers, len(names)), names)


def _checked(path: Path, row: int, entry: Entry) -> Entry:
    for head, names in LABELS.items():
        if unknown := set(getattr(entry, head)) - set(names):
            raise RowError(path, row, f"{len(unknown)} of its {head} are not among the {len(names)}")
    if not entry.text.strip():
        raise RowError(path, row, "an empty text")
    return entry
