"""Loads the labelled entries.

`written/WRITER.jsonl` has the entries written for this project, with their text. Stories of Hippocorpus and
entries of Lemotif keep their own licences: `hippocorpus.jsonl` and `lemotif.jsonl` have labels and where each
sentence stands in the original text, which is read from a data folder.

Entries are split by author: no author of an entry in dev has one in train.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from build.data import hippocorpus, lemotif
from build.data.journal.labels import Labels, problems
from build.data.line_files import read_jsonl
from build.errors import DataError, RowError

Split = Literal["train", "dev"]
SPLITS: tuple[Split, ...] = ("train", "dev")
Source = Literal["written", "hippocorpus", "lemotif"]

FOLDER = Path(__file__).parent
DEV_WRITERS = frozenset({"m", "n", "y"})
"""Their entries are in dev. M and n, written independently, have similar situations."""


class Entry(NamedTuple):
    """An entry: its sentences in order, and their labels."""

    id: str
    source: Source
    sentences: tuple[str, ...]
    labels: Labels


class WrittenRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of `written/WRITER.jsonl`."""

    id: str
    sentences: tuple[str, ...]
    labels: Labels


class SourceRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of labels by ID; `spans` are the sentences' first and last (exclusive) characters."""

    id: str
    split: Split
    spans: tuple[tuple[int, int], ...]
    labels: Labels


def load(split: Split, data: Path | None, folder: Path = FOLDER) -> list[Entry]:
    """The entries of one split: those written for this project and, if `data` is given, those of others.

    Args:
        data: a folder with `summaries/` (Hippocorpus) and `lemotif/`.

    Raises:
        RowError: a malformed row, or labels that do not fit their entry.
        DataError: a missing file, or an ID that its source does not have.
    """
    written = [entry for entry in _written(folder) if (entry.id[0] in DEV_WRITERS) == (split == "dev")]
    return written if data is None else [*written, *_of_sources(folder, split, data)]


def _written(folder: Path) -> Iterator[Entry]:
    for path in sorted((folder / "written").glob("*.jsonl")):
        for row, record in read_jsonl(path, WrittenRow):
            _check(path, row, record.labels, len(record.sentences))
            yield Entry(record.id, "written", record.sentences, record.labels)


def _of_sources(folder: Path, split: Split, data: Path) -> Iterator[Entry]:
    stories = hippocorpus.load_stories(data / "summaries", split)
    yield from _located(folder, "hippocorpus", split, {story.id: story.source for story in stories})
    entries = lemotif.read(data / "lemotif", split)
    yield from _located(folder, "lemotif", split, {f"lemotif-{entry.id}": entry.text for entry in entries})


def _located(folder: Path, source: Source, split: Split, texts: Mapping[str, str]) -> Iterator[Entry]:
    path = folder / f"{source}.jsonl"
    for row, record in read_jsonl(path, SourceRow):
        if record.split != split:
            continue
        if (text := texts.get(record.id)) is None:
            raise DataError(f"{path.name}, row {row}: {source} has no text {record.id} in {split}")
        _check(path, row, record.labels, len(record.spans))
        sentences = tuple(text[start:end] for start, end in record.spans)
        if not all(sentence and sentence == sentence.strip() for sentence in sentences):
            raise RowError(path, row, "a span that is not a sentence of its text")
        yield Entry(record.id, source, sentences, record.labels)


def _check(path: Path, row: int, labels: Labels, sentences: int) -> None:
    if found := problems(labels, sentences):
        raise RowError(path, row, "; ".join(found))
