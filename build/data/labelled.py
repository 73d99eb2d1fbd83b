"""An operator's own labelled text: JSON lines, CSV, or the answer to an SQL query.

Each reader gives a ``Table``: rows with their numbers, as written. ``examples`` turns one into what training
takes and refuses what it cannot use; ``build.data.validation`` drops such rows instead, and says which.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from build.data.dataset import Examples, targets
from build.data.line_files import lines, records
from build.errors import DataError, RowError

SUFFIXES = {".jsonl", ".ndjson", ".csv", ".tsv"}


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """What the columns are called; labels are a list, or a text with ``delimiter`` between them."""

    text: str = "text"
    labels: str = "labels"
    domain: str | None = None
    """Where a text comes from, if a column says so."""
    delimiter: str = ","


class Row(NamedTuple):
    """One labelled text; ``number`` is the line it starts on, or its place in a query's answer, from 1."""

    number: int
    text: str
    labels: tuple[str, ...]
    domain: str | None = None


class Table(NamedTuple):
    """The rows of one split, and the name of where they come from."""

    source: Path
    rows: list[Row]


def read(path: Path, columns: Columns = Columns()) -> Table:  # noqa: B008
    """A file of JSON lines, CSV or TSV, told apart by its suffix (``.gz`` behind it is fine).

    Raises:
        RowError: a row that is not UTF-8, not well-formed, or lacks a column.
        DataError: a file that cannot be read, has another suffix, lacks a column throughout, or has no rows.
    """
    suffix = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    if suffix not in SUFFIXES:
        raise DataError(f"{path.name}: expected a name that ends in {', '.join(sorted(SUFFIXES))}")
    found = _jsonl(path) if suffix in (".jsonl", ".ndjson") else _csv(path, "\t" if suffix == ".tsv" else ",")
    return _table(path, found, columns)


def read_sql(url: str, query: str, columns: Columns = Columns()) -> Table:  # noqa: B008
    """The answer to ``query`` at a database, its address as SQLAlchemy writes them.

    Raises:
        RowError: a row whose text or labels are of another type.
        DataError: the database does not answer, the query fails, lacks a column, or finds nothing.
    """
    return _table(Path("answer to the query"), _sql(url, query), columns)


def examples(table: Table, labels: Sequence[str] | None = None) -> Examples:
    """The table's rows with one target a label; ``labels`` default to those found, in alphabetical order.

    Raises:
        RowError: a row without text or with a label that is not among ``labels``.
        DataError: no rows, or no label at all.
    """
    if not table.rows:
        raise DataError(f"{table.source.name} holds no rows")
    names = (
        list(labels) if labels is not None else sorted({name for row in table.rows for name in row.labels})
    )
    if not names:
        raise DataError(f"{table.source.name} holds no labels")
    places = {name: place for place, name in enumerate(names)}
    numbers = [_numbers(table.source, row, places) for row in table.rows]
    return Examples([row.text for row in table.rows], targets(numbers, len(names)), names)


def _numbers(source: Path, row: Row, places: Mapping[str, int]) -> list[int]:
    if not row.text:
        raise RowError(source, row.number, "an empty text")
    for name in row.labels:
        if name not in places:
            raise RowError(source, row.number, f"unknown label {name[:40]!r}")
    return [places[name] for name in row.labels]


def _table(source: Path, found: Iterable[tuple[int, Mapping[str, Any]]], columns: Columns) -> Table:
    rows = [_row(source, number, fields, columns) for number, fields in found]
    if not rows:
        raise DataError(f"{source.name} holds no rows")
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
        raise RowError(source, number, f"{name!r} is not a text")
    return value


def _labels(source: Path, number: int, value: Any, columns: Columns) -> tuple[str, ...]:
    parts = value.split(columns.delimiter) if isinstance(value, str) else [] if value is None else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        raise RowError(source, number, f"{columns.labels!r} is neither a list of names nor a text")
    return tuple(dict.fromkeys(name for part in parts if (name := part.strip())))


def _jsonl(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    yield from records(path, dict[str, Any])


def _csv(path: Path, separator: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    table = csv.reader((line + "\n" for _, line in lines(path)), delimiter=separator, strict=True)
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
            answer = connection.exec_driver_sql(query).mappings()
            return [
                (number, {str(name): row[name] for name in row}) for number, row in enumerate(answer, start=1)
            ]
    except ModuleNotFoundError as error:
        raise DataError(f"the database's driver is not installed: {error.name}") from error
    except sqlalchemy.exc.SQLAlchemyError as error:
        problem = getattr(error, "orig", None) or error
        raise DataError(f"the database: {str(problem).splitlines()[0]}") from error
