from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from functions.shared.backends.local import database
from functions.shared.backends.local.database import Database
from functions.shared.domain.content import Transcript
from functions.shared.domain.entries import EntryKey
from functions.shared.errors import TemporaryError
from functions.shared.runtime.settings import Settings
from tests.support.laptop import Client, Clock, Laptop

SCHEMA = """
CREATE TABLE IF NOT EXISTS words (word TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS uses (word TEXT REFERENCES words DEFERRABLE INITIALLY DEFERRED);
"""


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return Database(tmp_path / "some" / "file.db", SCHEMA)


def words(db: Database) -> list[str]:
    with db.reading() as connection:
        return [row[0] for row in connection.execute("SELECT word FROM words ORDER BY word")]


def add(db: Database, word: str) -> None:
    with db.transaction() as connection:
        connection.execute("INSERT INTO words VALUES (?)", (word,))


def test_an_error_rolls_the_transaction_back(db: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError), db.transaction() as connection:
        connection.executemany("INSERT INTO words VALUES (?)", [("half",), ("half",)])

    assert words(db) == []
    add(db, "whole")
    assert words(db) == ["whole"]


def test_a_failed_commit_does_not_affect_the_next_one(db: Database) -> None:
    with db.reading() as connection:
        connection.execute("PRAGMA foreign_keys=ON")
    with pytest.raises(sqlite3.IntegrityError), db.transaction() as connection:
        connection.execute("INSERT INTO uses VALUES ('unknown')")

    add(db, "known")
    assert words(db) == ["known"]


def test_a_full_disk_is_a_temporary_error(db: Database) -> None:
    with db.reading() as connection:
        connection.execute("PRAGMA max_page_count=1")
    with pytest.raises(TemporaryError):
        add(db, "x" * 100_000)
    with db.reading() as connection:
        connection.execute("PRAGMA max_page_count=1000000")

    add(db, "fits")
    assert words(db) == ["fits"]


def test_a_writer_that_waits_too_long_gets_a_temporary_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.01)
    first, second = (Database(tmp_path / "file.db", SCHEMA) for _ in range(2))
    with first.transaction(), pytest.raises(TemporaryError):
        add(second, "impatient")

    add(second, "patient")
    assert words(first) == ["patient"]


def test_readers_see_only_what_is_committed(tmp_path: Path) -> None:
    writer, reader = (Database(tmp_path / "file.db", SCHEMA) for _ in range(2))
    with writer.transaction() as connection:
        connection.execute("INSERT INTO words VALUES ('new')")
        assert words(reader) == []
    assert words(reader) == ["new"]


def test_a_new_file_can_be_opened_concurrently(tmp_path: Path) -> None:
    start = Barrier(8)

    def open_and_add(number: int) -> None:
        start.wait()
        add(Database(tmp_path / "file.db", SCHEMA), str(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(open_and_add, range(8)))

    assert words(Database(tmp_path / "file.db", SCHEMA)) == [str(number) for number in range(8)]


def test_commits_survive_a_killed_process(tmp_path: Path) -> None:
    script = """
import os, signal, sys
from pathlib import Path
from functions.shared.backends.local.database import Database
db = Database(Path(sys.argv[1]), "CREATE TABLE IF NOT EXISTS words (word TEXT)")
with db.transaction() as connection:
    connection.execute("INSERT INTO words VALUES ('kept')")
with db.transaction() as connection:
    connection.execute("INSERT INTO words VALUES ('lost')")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    path = tmp_path / "file.db"
    killed = subprocess.run([sys.executable, "-c", script, str(path)], check=False)

    assert killed.returncode == -9
    assert words(Database(path, "")) == ["kept"]


def test_only_the_owner_can_read_the_file(db: Database, tmp_path: Path) -> None:
    add(db, "mine")
    folder = tmp_path / "some"

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_deleted_text_is_removed_from_disk(tmp_path: Path) -> None:
    laptop = Laptop(tmp_path, Clock())
    client = Client(laptop.ports, Settings())
    kept = client.write("kept", "apples and pears")
    gone = client.write("gone", "a secret in these words")
    client.edit(gone, "another secret instead")
    assert on_disk(tmp_path, b"another secret")
    assert not on_disk(tmp_path, b"a secret in these words")

    client.delete(gone)

    assert not on_disk(tmp_path, b"another secret")
    assert on_disk(tmp_path, b"apples and pears")
    assert laptop.store.read(kept, 1, Transcript) == Transcript(text="apples and pears")
    assert laptop.store.read(EntryKey("ada", "gone"), 2, Transcript) is None


def on_disk(folder: Path, words: bytes) -> bool:
    return any(
        words in (Path(root) / name).read_bytes() for root, _, names in os.walk(folder) for name in names
    )
