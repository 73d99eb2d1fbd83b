"""Lemotif (Li and Parikh 2019, https://arxiv.org/abs/1903.07766): journal entries labelled by their authors.

18 feelings and 11 topics; an entry can have several feelings. A folder contains ``train.jsonl`` and
``dev.jsonl``; ``lemotif_download`` creates them from the published file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from build.data.dataset import Dataset, multi_hot
from build.data.line_files import read_jsonl
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
    """One journal entry; ``id`` is its row in the published file, counted from 0 after the header."""

    id: int
    text: str
    feelings: list[str]
    topics: list[str]


def read(folder: Path, split: Split) -> list[Entry]:
    """The entries of ``train.jsonl`` or ``dev.jsonl`` in ``folder``.

    Raises:
        RowError: a malformed row, or a label that Lemotif does not have.
        DataError: a missing or empty file, or a split other than train and dev.
    """
    if split not in ("train", "dev"):
        raise DataError(f"split {split!r}: only train and dev can be loaded")
    path = folder / f"{split}.jsonl"
    return [_validated(path, row, entry) for row, entry in read_jsonl(path, Entry)]


def load(folder: Path, split: Split, head: Head, labels: Sequence[str] | None = None) -> Dataset:
    """One split with the targets of one head, restricted to ``labels`` (default: all).

    Raises:
        DataError: as ``read`` does, or ``labels`` has one that Lemotif does not have.
    """
    names = list(LABELS[head] if labels is None else labels)
    if unknown := set(names) - set(LABELS[head]):
        raise DataError(f"Lemotif has no {head} {', '.join(sorted(unknown))}")
    entries = read(folder, split)
    column_of = {name: column for column, name in enumerate(names)}
    columns = [[column_of[name] for name in getattr(entry, head) if name in column_of] for entry in entries]
    return Dataset([entry.text for entry in entries], multi_hot(columns, len(names)), names)


def _validated(path: Path, row: int, entry: Entry) -> Entry:
    for head, names in LABELS.items():
        if unknown := set(getattr(entry, head)) - set(names):
            raise RowError(path, row, f"{len(unknown)} {head} are not among the {len(names)} known ones")
    if not entry.text.strip():
        raise RowError(path, row, "an empty text")
    return entry
