"""Creates Lemotif's train and dev splits from the published CSV file, which has one row per entry.

``lemotif.rows.json`` next to this module assigns rows to train and dev. A quarter of the rows is in neither,
so that others can evaluate the model on them: those rows are dropped unparsed, neither returned nor written.
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
    """Assignment of the published file's ``count`` rows (from 0, without header) to splits, with digests."""

    count: int
    splits: dict[Split, list[int]]
    sha256: dict[Split, str]
    """``fingerprint`` of each split."""


def rows() -> Rows:
    """The committed assignment of rows."""
    return msgspec.json.decode(Path(__file__).with_name("lemotif.rows.json").read_bytes(), type=Rows)


def fetch_folder(folder: Path, source: str = SOURCE, assignment: Rows | None = None) -> Path:
    """Download the published file and write train and dev into ``folder``, unless they are there already.

    Raises:
        DataError: the file cannot be fetched, has other rows or columns than expected, or other content in
            the rows of train and dev.
    """
    assignment = assignment or rows()
    if all(_has_split(folder, split, digest) for split, digest in assignment.sha256.items()):
        return folder
    entries = select(_download(source), source, assignment)
    for split, digest in assignment.sha256.items():
        if fingerprint(entries[split]) != digest:
            raise DataError(f"{source}: the rows of {split} have changed since this split was made")
    for split, split_entries in entries.items():
        write_bytes(
            folder / f"{split}.jsonl", b"".join(msgspec.json.encode(entry) + b"\n" for entry in split_entries)
        )
    return folder


def fingerprint(entries: Sequence[Entry]) -> str:
    """Hex sha256 of ids, words and labels; ignores punctuation and accents, which depend on the encoding."""
    digest = hashlib.sha256()
    for entry in sorted(entries, key=lambda entry: entry.id):
        words = " ".join(re.findall(r"[a-z0-9]+", entry.text.lower()))
        digest.update(msgspec.json.encode([entry.id, words, sorted(entry.feelings), sorted(entry.topics)]))
    return digest.hexdigest()


def select(content: bytes, source: str, assignment: Rows) -> dict[Split, list[Entry]]:
    """The entries of each split, parsed from the published file's bytes.

    Raises:
        DataError: unexpected columns or number of rows, or a value that is not a boolean.
    """
    reader = csv.reader(io.StringIO(_decoded(content), newline=""), strict=True)
    split_of = {number: split for split, numbers in assignment.splits.items() for number in numbers}
    entries: dict[Split, list[Entry]] = {split: [] for split in assignment.splits}
    count = 0
    try:
        table = _Table(source, next(reader, []))
        for number, cells in enumerate(reader):
            count += 1
            if split := split_of.get(number):
                entries[split].append(table.entry(number, cells))
    except csv.Error as error:
        raise DataError(f"{source}, line {reader.line_num}: {error}") from error
    if count != assignment.count:
        raise DataError(f"{source} has {count} rows, expected {assignment.count}")
    return entries


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


class _Table:
    """Reads rows by column name; ignores the columns that are not needed."""

    def __init__(self, source: str, header: Sequence[str]) -> None:
        self._source = source
        self._header = list(header)
        labels = [COLUMN[head].format(label) for head, names in LABELS.items() for label in names]
        if missing := [name for name in [TEXT, *labels] if name not in self._header]:
            raise DataError(f"{source} lacks {len(missing)} columns, the first is {missing[0]}")

    def entry(self, number: int, cells: Sequence[str]) -> Entry:
        """One row as an entry."""
        if len(cells) != len(self._header):
            problem = f"{len(cells)} cells under {len(self._header)} columns"
            raise DataError(f"{self._source}, row {number}: {problem}")
        row = dict(zip(self._header, cells, strict=True))
        feelings = list(self._true_labels(number, row, "feelings"))
        topics = list(self._true_labels(number, row, "topics"))
        return Entry(number, row[TEXT].strip(), feelings, topics)

    def _true_labels(self, number: int, row: Mapping[str, str], head: Head) -> Iterator[str]:
        for label in LABELS[head]:
            name = COLUMN[head].format(label)
            truth = _TRUTH.get(row[name].strip().lower())
            if truth is None:
                raise DataError(f"{self._source}, row {number}: {name} is not a boolean")
            if truth:
                yield label


def _has_split(folder: Path, split: Split, digest: str) -> bool:
    try:
        return fingerprint(read(folder, split)) == digest
    except DataError:
        return False


def _download(source: str, timeout_s: float = 60.0) -> bytes:
    try:
        with urllib.request.urlopen(source, timeout=timeout_s) as response:  # noqa: S310
            return bytes(response.read())
    except (urllib.error.URLError, TimeoutError) as error:
        raise DataError(f"{source} does not respond: {error}") from error
