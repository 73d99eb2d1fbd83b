"""Reads custom labelled text: JSON lines, CSV, TSV, or the result of an SQL query.

Each reader returns a ``Table``: unvalidated rows with their numbers. ``to_dataset`` converts a table and
rejects rows it cannot use; ``build.data.validation`` instead drops such rows and reports them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from build.data.dataset import Dataset, multi_hot
from build.data.line_files import read_jsonl, read_lines
from build.errors import DataError, RowError

SUFFIXES = {".jsonl", ".ndjson", ".csv", ".tsv"}


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """Column names. Labels are a list, or a string separated by ``delimiter``."""

    text: str = "text"
    labels: str = "labels"
    domain: str | None = None
    """Optional column with the source domain of a text."""
    delimiter: str = ","


class Row(NamedTuple):
    """One labelled text; ``number`` is its first line in the file, or its row in the query result, from 1."""

    number: int
    text: str
    labels: tuple[str, ...]
    domain: str | None = None


class Table(NamedTuple):
    """The rows of one split and the name of their source."""

    source: Path
    rows: list[Row]


def read(path: Path, columns: Columns = Columns()) -> Table:  # noqa: B008
    """Read a JSON-lines, CSV or TSV file; the suffix determines the format (``.gz`` may follow it).

    Raises:
        RowError: a row that is not UTF-8, is malformed, or lacks a column.
        DataError: a file that cannot be read, has another suffix, lacks a column in every row, or has no
            rows.
    """
    suffix = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    if suffix not in SUFFIXES:
        raise DataError(f"{path.name}: expected a file name ending in {', '.join(sorted(SUFFIXES))}")
    records = (
        _jsonl(path) if suffix in (".jsonl", ".ndjson") else _csv(path, "\t" if suffix == ".tsv" else ",")
    )
    return _table(path, records, columns)


def read_sql(url: str, query: str, columns: Columns = Columns()) -> Table:  # noqa: B008
    """Read the result of ``query``; ``url`` is a database URL as SQLAlchemy defines it.

    Raises:
        RowError: a row whose text or labels have another type.
        DataError: the database does not respond, or the query fails, lacks a column, or returns no rows.
    """
    return _table(Path("query result"), _sql(url, query), columns)


def to_dataset(table: Table, labels: Sequence[str] | None = None) -> Dataset:
    """The table as a dataset; ``labels`` default to those in the table, in alphabetical order.

    Raises:
        RowError: a row without text, or with a label that is not in ``labels``.
        DataError: no rows, or no labels.
    """
    if not table.rows:
        raise DataError(f"{table.source.name} has no rows")
    names = (
        list(labels) if labels is not None else sorted({name for row in table.rows for name in row.labels})
    )
    if not names:
        raise DataError(f"{table.source.name} has no labels")
    column_of = {name: column for column, name in enumerate(names)}
    columns = [_label_columns(table.source, row, column_of) for row in table.rows]
    return Dataset([row.text for row in table.rows], multi_hot(columns, len(names)), names)


def _label_columns(source: Path, row: Row, column_of: Mapping[str, int]) -> list[int]:
    if not row.text:
        raise RowError(source, row.number, "an empty text")
    for name in row.labels:
        if name not in column_of:
            raise RowError(source, row.number, f"unknown label {name[:40]!r}")
    return [column_of[name] for name in row.labels]


def _table(source: Path, records: Iterable[tuple[int, Mapping[str, Any]]], columns: Columns) -> Table:
    rows = [_row(source, number, fields, columns) for number, fields in records]
    if not rows:
        raise DataError(f"{source.name} has no rows")
    return Table(source, rows)


def _row(source: Path, number: int, fields: Mapping[str, Any], columns: Columns) -> Row:
    for name in (columns.text, columns.labels, *([columns.domain] if columns.domain else [])):
        if name not in fields:
            raise RowError(source, number, f"no column {name!r}")
    text = _text(source, number, fields, columns.text) or ""
    domain = _text(source, number, fields, columns.domain) if columns.domain else None
    return Row(number, text.strip(), _labels(source, number, fields[columns.labels], columns), domain)


def _text(source: Path, number: int, fields: Mapping[str, Any], name: str) -> str | None:
    value = fields[name]
    if value is not None and not isinstance(value, str):
        raise RowError(source, number, f"{name!r} is not a string")
    return value


def _labels(source: Path, number: int, value: Any, columns: Columns) -> tuple[str, ...]:
    parts = value.split(columns.delimiter) if isinstance(value, str) else [] if value is None else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        raise RowError(source, number, f"{columns.labels!r} is neither a list of strings nor a string")
    return tuple(dict.fromkeys(name for part in parts if (name := part.strip())))


def _jsonl(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    yield from read_jsonl(path, dict[str, Any])


def _csv(path: Path, separator: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    table = csv.reader((line + "\n" for _, line in read_lines(path)), delimiter=separator, strict=True)
    start = 1
    try:
        header = next(table, [])
        start = table.line_num + 1
        for cells in table:
            if cells and len(cells) != len(header):
                raise RowError(path, start, f"{len(cells)} fields, expected {len(header)}")
            if cells:
                yield start, dict(zip(header, cells, strict=True))
            start = table.line_num + 1
    except csv.Error as error:
        raise RowError(path, start, str(error)) from error


def _sql(url: str, query: str) -> list[tuple[int, Mapping[str, Any]]]:
    import sqlalchemy

    try:
        with sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool).connect() as connection:
            result = connection.exec_driver_sql(query).mappings()
            return [
                (number, {str(name): row[name] for name in row}) for number, row in enumerate(result, start=1)
            ]
    except ModuleNotFoundError as error:
        raise DataError(f"the database driver is not installed: {error.name}") from error
    except sqlalchemy.exc.SQLAlchemyError as error:
        problem = getattr(error, "orig", None) or error
        raise DataError(f"database error: {str(problem).splitlines()[0]}") from error
