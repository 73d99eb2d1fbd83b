"""Custom labelled text is read from every supported format; errors identify the row."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from build.data import labelled
from build.data.labelled import Columns, Row, Table
from build.errors import DataError, RowError

ROWS = [Row(1, "What a day, truly", ("joy", "calm")), Row(2, "nothing", ())]


def write_file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_json_labels_are_a_list_or_a_string(tmp_path: Path) -> None:
    lines = '{"text": " What a day, truly ", "labels": ["joy", " calm", "joy"]}\n\n'
    lines += '{"text": "x", "labels": "a, b"}\n{"text": "y", "labels": null}'
    table = labelled.read(write_file(tmp_path, "rows.jsonl", lines))
    assert table.rows == [ROWS[0], Row(3, "x", ("a", "b")), Row(4, "y", ())]


def test_csv_rows_are_numbered_by_their_first_line(tmp_path: Path) -> None:
    content = '\ufefftext,labels\r\n"two\r\nlines","joy,calm"\r\n\r\n"a ""quote""",\r\n'
    table = labelled.read(write_file(tmp_path, "rows.csv", content))
    assert table.rows == [Row(2, "two\nlines", ("joy", "calm")), Row(5, 'a "quote"', ())]


def test_gzipped_tsv_is_read(tmp_path: Path) -> None:
    packed = gzip.compress(b"text\tlabels\nWhat a day, truly\tjoy,calm\n")
    assert labelled.read(write_file(tmp_path, "rows.tsv.gz", packed)).rows[0].labels == ("joy", "calm")


def test_columns_and_delimiter_are_configurable(tmp_path: Path) -> None:
    columns = Columns(text="note", labels="moods", domain="app", delimiter="|")
    path = write_file(tmp_path, "rows.csv", "id,note,moods,app\n7,fine,joy|calm,diary\n")
    assert labelled.read(path, columns).rows == [Row(2, "fine", ("joy", "calm"), "diary")]


@given(st.lists(st.tuples(st.text(), st.lists(st.text("abc ", min_size=1))), min_size=1))
def test_json_and_csv_give_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, list[str]]]
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    rows = [(text.replace("\r", " ").replace("\0", " "), labels) for text, labels in rows]
    lines = "".join(json.dumps({"text": text, "labels": labels}) + "\n" for text, labels in rows)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([["text", "labels"], *([t, ",".join(v)] for t, v in rows)])
    from_lines = labelled.read(write_file(folder, "rows.jsonl", lines)).rows
    from_csv = labelled.read(write_file(folder, "rows.csv", out.getvalue())).rows
    assert [row[1:] for row in from_lines] == [row[1:] for row in from_csv]


@pytest.mark.parametrize(
    ("name", "content", "row", "problem"),
    [
        ("rows.jsonl", '{"text": "secret", "labels": []}\n{"labels": []}', 2, "no column 'text'"),
        ("rows.jsonl", '{"text": "secret", "mood": []}', 1, "no column 'labels'"),
        ("rows.jsonl", '{"text": "secret", "labels": []}\n{"text": "secret"', 2, "truncated"),
        ("rows.jsonl", '["secret"]', 1, "Expected `object`"),
        ("rows.jsonl", '{"text": 7, "labels": []}', 1, "'text' is not a string"),
        ("rows.jsonl", '{"text": "secret", "labels": [1]}', 1, "neither a list of strings nor a string"),
        ("rows.jsonl", '{"text": "secret", "labels": {"a": 1}}', 1, "neither a list of strings nor a string"),
        ("rows.jsonl", b'{"text": "a", "labels": []}\n{"text": "secret \xff"}', 2, "not UTF-8"),
        ("rows.csv", "text,labels\nsecret,joy,calm\n", 2, "3 fields, expected 2"),
        ("rows.csv", "text,mood\nsecret,joy\n", 2, "no column 'labels'"),
        ("rows.csv", 'text,labels\nfine,joy\n"secret,joy\n', 3, "unexpected end of data"),
        ("rows.csv", b"text,labels\nfine,joy\nsecret \xff,joy\n", 3, "not UTF-8"),
    ],
)
def test_malformed_row_is_reported_without_its_text(
    tmp_path: Path, name: str, content: str | bytes, row: int, problem: str
) -> None:
    with pytest.raises(RowError, match=problem) as caught:
        labelled.read(write_file(tmp_path, name, content))
    assert f"{name}, row {row}:" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("rows.jsonl", "", "rows.jsonl has no rows"),
        ("rows.jsonl", "\n \n", "rows.jsonl has no rows"),
        ("rows.csv", "", "rows.csv has no rows"),
        ("rows.csv", "text,labels\n", "rows.csv has no rows"),
        ("rows.xlsx", "x", r"rows.xlsx: expected a file name ending in \.csv"),
        ("rows.csv.gz", "x", "not a complete gzip file"),
    ],
)
def test_file_without_rows_is_reported(tmp_path: Path, name: str, content: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        labelled.read(write_file(tmp_path, name, content))


def test_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"absent\.csv cannot be read"):
        labelled.read(tmp_path / "absent.csv")


def test_labels_default_to_those_in_the_table() -> None:
    table = Table(Path("rows.csv"), ROWS)
    dataset = labelled.to_dataset(table)
    assert dataset.labels == ["calm", "joy"]
    np.testing.assert_array_equal(dataset.targets, [[1, 1], [0, 0]])
    with_labels = labelled.to_dataset(table, ["joy", "fear", "calm"])
    np.testing.assert_array_equal(with_labels.targets, [[1, 0, 1], [0, 0, 0]])
    assert with_labels.texts == ["What a day, truly", "nothing"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (Row(9, "secret", ("rage",)), "rows.csv, row 9: unknown label 'rage'"),
        (Row(9, "", ("joy",)), "row 9: an empty"),
    ],
)
def test_unusable_row_is_reported(row: Row, problem: str) -> None:
    with pytest.raises(RowError, match=problem) as caught:
        labelled.to_dataset(Table(Path("rows.csv"), [*ROWS, row]), ["joy", "calm"])
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("rows", "problem"), [([], "no rows"), (ROWS[1:], "no labels")])
def test_table_without_rows_or_labels_is_rejected(rows: list[Row], problem: str) -> None:
    with pytest.raises(DataError, match=f"rows.csv has {problem}"):
        labelled.to_dataset(Table(Path("rows.csv"), rows))


@pytest.fixture
def database(tmp_path: Path) -> str:
    pytest.importorskip("sqlalchemy", exc_type=ImportError)
    connection = sqlite3.connect(tmp_path / "notes.db")
    connection.execute("CREATE TABLE notes (body TEXT, labels TEXT, stars INTEGER)")
    rows = [("What a day, truly", "joy;calm", 5), ("100% fine :now", None, 3)]
    connection.executemany("INSERT INTO notes VALUES (?, ?, ?)", rows)
    connection.commit()
    connection.close()
    return f"sqlite:///{tmp_path / 'notes.db'}"


@pytest.mark.build
def test_query_result_becomes_rows(database: str) -> None:
    query = (
        "SELECT body AS text, labels FROM notes WHERE body LIKE '%' AND body <> ':none' ORDER BY stars DESC"
    )
    table = labelled.read_sql(database, query, Columns(delimiter=";"))
    assert table.rows == [ROWS[0], Row(2, "100% fine :now", ())]


@pytest.mark.build
@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("SELECT body FROM notes", "query result, row 1: no column 'text'"),
        ("SELECT stars AS text, labels FROM notes", "row 1: 'text' is not a string"),
        ("SELECT body AS text, labels FROM notes WHERE stars > 5", "query result has no rows"),
        ("SELECT * FROM letters", "no such table: letters"),
        ("DELETE FROM notes", "returned no rows|does not return rows"),
    ],
)
def test_failing_query_is_reported_and_changes_nothing(database: str, query: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem) as caught:
        labelled.read_sql(database, query)
    assert "truly" not in str(caught.value)
    assert len(labelled.read_sql(database, "SELECT body AS text, labels FROM notes").rows) == 2


@pytest.mark.build
@pytest.mark.parametrize(
    "url",
    ["nonsense", "oracle://me:password@host/db", "sqlite:////nowhere/at/all.db", "plain://me:password@x"],
)
def test_connection_error_does_not_contain_the_password(url: str) -> None:
    pytest.importorskip("sqlalchemy", exc_type=ImportError)
    with pytest.raises(DataError, match="database") as caught:
        labelled.read_sql(url, "SELECT 1")
    assert "password" not in str(caught.value)
