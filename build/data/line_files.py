"""Reads files of one record per line. Errors identify the file and row but never quote the content."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from build.errors import DataError, RowError

Record = TypeVar("Record")


def read_bytes(path: Path) -> bytes:
    """A file's bytes, decompressed if its name ends in ``.gz``.

    Raises:
        DataError: the file cannot be read.
    """
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if path.suffix == ".gz" else raw
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path.name} is not a complete gzip file") from error
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}") from error


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines with their numbers from 1. Only a line feed ends a line: texts contain other Unicode separators.

    Raises:
        RowError: a line that is not UTF-8.
        DataError: the file cannot be read.
    """
    content = read_bytes(path)
    for row, raw in enumerate(content.removesuffix(b"\n").split(b"\n") if content else [], start=1):
        try:
            yield row, raw.decode("utf-8-sig" if row == 1 else "utf-8").removesuffix("\r")
        except UnicodeDecodeError as error:
            raise RowError(path, row, "not UTF-8") from error


def read_jsonl(path: Path, kind: type[Record]) -> Iterator[tuple[int, Record]]:
    """The records of a JSON-lines file; blank lines are skipped.

    Raises:
        RowError: a line that is not UTF-8, not JSON, or not a ``kind``.
        DataError: the file cannot be read or is empty.
    """
    decoder = msgspec.json.Decoder(kind)
    empty = True
    for row, line in read_lines(path):
        if not line.strip():
            continue
        empty = False
        try:
            yield row, decoder.decode(line)
        except msgspec.DecodeError as error:
            raise RowError(path, row, str(error)) from error
    if empty:
        raise DataError(f"{path.name} has no rows")
