"""Files of one record a line; what breaks one is named by file and row, never quoted."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from build.errors import DataError, RowError

Record = TypeVar("Record")


def content(path: Path) -> bytes:
    """A file's bytes, unpacked if it ends in ``.gz``.

    Raises:
        DataError: the file cannot be read.
    """
    try:
        packed = path.read_bytes()
        return gzip.decompress(packed) if path.suffix == ".gz" else packed
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path.name} is not a whole gzip file") from error
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}") from error


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines with their numbers from 1; only a line feed ends one (texts hold other Unicode separators).

    Raises:
        RowError: a line that is not UTF-8.
        DataError: the file cannot be read.
    """
    whole = content(path)
    for row, raw in enumerate(whole.removesuffix(b"\n").split(b"\n") if whole else [], start=1):
        try:
            yield row, raw.decode("utf-8-sig" if row == 1 else "utf-8").removesuffix("\r")
        except UnicodeDecodeError as error:
            raise RowError(path, row, "not UTF-8") from error


def records(path: Path, kind: type[Record]) -> Iterator[tuple[int, Record]]:
    """The records of a file of JSON lines, blank lines passed over.

    Raises:
        RowError: a line that is not UTF-8, no JSON, or no ``kind``.
        DataError: the file cannot be read, or holds nothing.
    """
    decoder = msgspec.json.Decoder(kind)
    empty = True
    for row, line in lines(path):
        if not line.strip():
            continue
        empty = False
        try:
            yield row, decoder.decode(line)
        except msgspec.DecodeError as error:
            raise RowError(path, row, str(error)) from error
    if empty:
        raise DataError(f"{path.name} holds no rows")
