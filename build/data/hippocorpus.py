"""Hippocorpus (Sap et al. 2020, https://aclanthology.org/2020.acl-main.178): first-person stories.

The stories have no emotion labels, but they are close to journal entries: the student learns from the
teachers' predictions on them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from build.data import line_files
from build.errors import DataError
from functions.shared.text import sentences as splitter

Split = Literal["train", "dev"]

FILES: dict[Split, str] = {"train": "hippocorpus.train.jsonl.gz", "dev": "hippocorpus.dev.jsonl"}


class Story(msgspec.Struct, frozen=True):
    """``group`` is shared by stories about the same day; ``kind`` is recalled, retold or imagined."""

    id: str
    group: str
    kind: str
    source: str


def load_stories(folder: Path, split: Split) -> list[Story]:
    """The stories of one split.

    Raises:
        RowError: a malformed row.
        DataError: the file is missing or empty, or a split other than train and dev.
    """
    if split not in FILES:
        raise DataError(f"split {split!r}: only train and dev can be loaded")
    return [story for _, story in line_files.read_jsonl(folder / FILES[split], Story) if story.source.strip()]


def load_texts(folder: Path, split: Split) -> list[str]:
    """Whole stories, without duplicates."""
    return list(dict.fromkeys(story.source.strip() for story in load_stories(folder, split)))


def load_sentences(folder: Path, split: Split) -> list[str]:
    """The sentences of every story, without duplicates, split as the journal splits an entry."""
    return list(
        dict.fromkeys(sentence for text in load_texts(folder, split) for sentence in splitter.split(text))
    )
