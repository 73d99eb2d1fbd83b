"""Lemotif's train and dev from the authors' one file, a table with a row an entry.

``lemotif.rows.json`` beside this module says which rows are train and which dev. A quarter it does not name
is for others to judge the model on: those rows are dropped unread, neither returned nor written to disk.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from build.data.lemotif import LABELS, Entry, Head, Split, read
from build.errors import DataError
from build.files import write_bytes

SOURCE = "https://raw.githubusercontent.com/xaliceli/lemotif/master/assets/data/lemotif-data-cleaned-flat.csv"
TEXT = "Answer"
COLUMN: dict[Head, str] = {"feelings": "Answer.f1.{}.raw", "topics": "Answer.t1.{}.raw"}
_TRUTH = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False, "": False}


class Rows(msgspec.Struct, frozen=True):
    """Which rows of the authors' ``count`` are ours (from 0, the header not counted), and what they say."""

    count: int
    splits: dict[Split, list[int]]
    sha256: dict[Split, str]
    """``fingerprint`` of each split."""


def rows() -> Rows:
    """The committed split."""
    return msgspec.json.decode(Path(__file__).with_name("lemotif.rows.json").read_bytes(), type=Rows)


def fetch_folder(folder: Path, source: str = SOURCE, chosen: Rows | None = None) -> Path:
    """Bring train and dev from the authors' file into ``folder``, unless they lie there already.

    Raises:
        DataError: the file cannot be fetched, has other rows or columns than expected, or says something else
            in the rows of train and dev.
    """
    chosen = chosen or rows()
    if all(_holds(folder, split, digest) for split, digest in chosen.sha256.items()):
        return folder
    entries = select(_download(source), source, chosen)
    for split, digest in chosen.sha256.items():
        if fingerprint(entries[split]) != digest:
            raise DataError(f"{source}: the rows of {split} are not the ones this split was made from")
    for split, kept in entries.items():
        write_bytes(folder / f"{split}.jsonl", b"".join(msgspec.json.encode(entry) + b"\n" for entry in kept))
    return folder


def fingerprint(entries: Sequence[Entry]) -> str:
    """Hex sha256 of ids, words and labels; marks and accents do not count, as encodings differ in them."""
    digest = hashlib.sha256()
    for entry in sorted(entries, key=lambda entry: entry.id):
        words = " ".join(re.findall(r"[a-z0-9]+", entry.text.lower()))
        digest.update(msgspec.json.encode([entry.id, words, sorted(entry.feelings), sorted(entry.topics)]))
    return digest.hexdigest()


def select(content: bytes, source: str, chosen: Rows) -> dict[Split, list[Entry]]:
    """The entries of each split, from the bytes of the authors' table.

    Raises:
        DataError: other columns or another number of rows than expected, or a value that is no truth value.
    """
    lines = csv.reader(io.StringIO(_decoded(content), newline=""), strict=True)
    wanted = {number: split for split, numbers in chosen.splits.items() for number in numbers}
    entries: dict[Split, list[Entry]] = {split: [] for split in chosen.splits}
    count = 0
    try:
        table = _Table(source, next(lines, []))
        for number, cells in enumerate(lines):
            count += 1
            if split := wanted.get(number):
                entries[split].append(table.entry(number, cells))
    except csv.Error as error:
        raise DataError(f"{source}, line {lines.line_num}: {error}") from error
    if count != chosen.count:
        raise DataError(f"{source} has {count} rows, expected {chosen.count}")
    return entries


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


class _Table:
    """Reads rows by the names of their columns; other columns than the needed ones are passed over."""

    def __init__(self, source: str, header: Sequence[str]) -> None:
        self._source = source
        self._header = list(header)
        labels = [COLUMN[head].format(label) for head, names in LABELS.items() for label in names]
        if missing := [name for name in [TEXT, *labels] if name not in self._header]:
            raise DataError(f"{source} lacks {len(missing)} columns, the first of them {missing[0]}")

    def entry(self, number: int, cells: Sequence[str]) -> Entry:
        """One row as an entry."""
        if len(cells) != len(self._header):
            problem = f"{len(cells)} cells under {len(self._header)} columns"
            raise DataError(f"{self._source}, row {number}: {problem}")
        row = dict(zip(self._header, cells, strict=True))
        feelings = list(self._true(number, row, "feelings"))
        topics = list(self._true(number, row, "topics"))
        return Entry(number, row[TEXT].strip(), feelings, topics)

    def _true(self, number: int, row: Mapping[str, str], head: Head) -> Iterator[str]:
        for label in LABELS[head]:
            name = COLUMN[head].format(label)
            truth = _TRUTH.get(row[name].strip().lower())
            if truth is None:
                raise DataError(f"{self._source}, row {number}: {name} is neither true nor false")
            if truth:
                yield label


def _holds(folder: Path, split: Split, digest: str) -> bool:
    try:
        return fingerprint(read(folder, split)) == digest
    except DataError:
        return False


def _download(source: str, timeout_s: float = 60.0) -> bytes:
    try:
        with urllib.request.urlopen(source, timeout=timeout_s) as answer:  # noqa: S310
            return bytes(answer.read())
    except (urllib.error.URLError, TimeoutError) as error:
        raise DataError(f"{source} does not answer: {error}") from error
