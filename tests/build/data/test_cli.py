"""`python -m build.data`: its commands; expected errors are one line and exit status 1."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from build.data import cli, labelled


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    rows = [
        {"text": f"Note number {n} of the lot", "labels": ["joy"] if n % 2 else ["fear"]} for n in range(40)
    ]
    rows += [{"text": "note NUMBER 3 of the lot!", "labels": ["joy"]}, {"text": "", "labels": []}]
    path = tmp_path / "notes.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_check_prints_dropped_rows(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", str(notes)]) == 0
    printed = capsys.readouterr().out
    assert "notes.jsonl: 42 rows, 40 kept, 2 dropped" in printed
    assert "rows 41" in printed
    assert "rows 42" in printed


def test_check_compares_with_a_held_out_source(
    notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dev.csv").write_text("text,labels\nnote number 7 of the lot,joy\n")
    report = tmp_path / "report.json"
    arguments = ["check", str(notes), "--held-out", str(tmp_path / "dev.csv"), "--report", str(report)]
    assert cli.main(arguments) == 0
    assert "dev.csv: 1 rows, 1 kept" in capsys.readouterr().out
    train, dev = json.loads(report.read_text())
    assert train["dropped"]["also in the held-out split"] == [8]
    assert dev["dropped"] == {}


def test_check_reads_goemotions_and_a_label_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "labels.txt").write_text("joy\nfear\n")
    (tmp_path / "train.tsv").write_text("So glad!\t0\ta1\nOh no\t1\ta2\n")
    (tmp_path / "joy.txt").write_text("joy\n")
    train = str(tmp_path / "train.tsv")
    assert cli.main(["check", train, "--labels", str(tmp_path / "joy.txt")]) == 0
    assert "unknown label" in capsys.readouterr().out


@pytest.mark.build
def test_check_reads_a_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sqlalchemy", exc_type=ImportError)
    connection = sqlite3.connect(tmp_path / "notes.db")
    connection.execute("CREATE TABLE notes (text TEXT, mood TEXT)")
    connection.execute("INSERT INTO notes VALUES ('So glad!', 'joy')")
    connection.commit()
    connection.close()
    url = f"sqlite:///{tmp_path / 'notes.db'}"
    assert cli.main(["check", url, "--query", "SELECT * FROM notes", "--labels-column", "mood"]) == 0
    assert "1 rows, 1 kept" in capsys.readouterr().out
    assert cli.main(["check", url]) == 1
    assert capsys.readouterr().err == "error: a database needs --query\n"


@pytest.mark.build
@pytest.mark.parametrize(
    ("options", "names", "rows"),
    [
        (["--dev", "0.25"], ["dev", "train"], [10, 30]),
        (["--folds", "4"], [f"fold-{n}" for n in range(1, 5)], [10] * 4),
    ],
)
def test_split_writes_the_valid_rows(
    notes: Path, tmp_path: Path, options: list[str], names: list[str], rows: list[int]
) -> None:
    pytest.importorskip("iterstrat", exc_type=ImportError)
    assert cli.main(["split", str(notes), "--out", str(tmp_path / "splits"), *options]) == 0
    files = sorted((tmp_path / "splits").iterdir())
    assert [path.stem for path in files] == names
    tables = [labelled.read(path).rows for path in files]
    assert [len(table) for table in tables] == rows
    assert len({row.text for table in tables for row in table}) == 40
    assert all(sum(row.labels == ("joy",) for row in table) == len(table) // 2 for table in tables)


def test_synthetic_writes_json_lines_and_text_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, texts = tmp_path / "journal.jsonl", tmp_path / "texts"
    assert (
        cli.main(["synthetic", "--entries", "12", "--seed", "3", "--out", str(out), "--texts", str(texts)])
        == 0
    )
    assert len(out.read_text().splitlines()) == len(list(texts.glob("*.txt"))) == 12
    assert "12 synthetic entries, 2024-01-" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["check", "{folder}/absent.csv"], "absent.csv cannot be read"),
        (["check", "{folder}/notes.jsonl", "--text-column", "body"], "notes.jsonl, row 1: no column 'body'"),
        (["check", "{folder}/notes.jsonl", "--report", "{folder}/notes.jsonl/x"], "File exists"),
        (["synthetic", "--entries", "0", "--out", "{folder}/x"], "0 entries cannot be generated"),
    ],
)
def test_expected_errors_are_one_line_and_exit_status_1(
    notes: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], problem: str
) -> None:
    assert cli.main([argument.format(folder=notes.parent) for argument in arguments]) == 1
    error = capsys.readouterr().err
    assert problem in error
    assert error.count("\n") == 1
