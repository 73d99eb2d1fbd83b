"""Hippocorpus (Sap et al. 2020, https://aclanthology.org/2020.acl-main.178): first-person stories of a day.

No emotion labels: the texts are the journal's own domain, for a student to learn a teacher's answers on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from build.data import lines
from build.errors import DataError
from functions.shared.text import sentences as splitter

Split = Literal["train", "dev"]

FILES: dict[Split, str] = {"train": "hippocorpus.train.jsonl.gz", "dev": "hippocorpus.dev.jsonl"}


class Story(msgspec.Struct, frozen=True):
    """``group`` is shared by stories of the same day; ``kind`` is recalled, retold or imagined."""

    id: str
    group: str
    kind: str
    source: str


def stories(folder: Path, split: Split) -> list[Story]:
    """The stories of one split.

    Raises:
        RowError: a row that is no story.
        DataError: the file is missing or empty, or a split other than train and dev.
    """
    if split not in FILES:
        raise DataError(f"split {split!r}: only train and dev are ever loaded")
    return [story for _, story in lines.records(folder / FILES[split], Story) if story.source.strip()]


def texts(folder: Path, split: Split) -> list[str]:
    """Whole stories, each text once."""
    return list(dict.fromkeys(story.source.strip() for story in stories(folder, split)))


def sentences(folder: Path, split: Split) -> list[str]:
    """The sentences of every story, each once, cut as the journal cuts an entry."""
    return list(dict.fromkeys(sentence for text in texts(folder, split) for sentence in splitter.split(text)))
