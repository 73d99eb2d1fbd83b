from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest

from functions.shared.backends.local.audio_store import FolderAudioStore
from functions.shared.domain.entries import EntryKey

KEY = EntryKey("ada", "first")


def test_leftovers_of_killed_processes_are_removed(tmp_path: Path) -> None:
    store = FolderAudioStore(tmp_path)
    stored = store.put(KEY, io.BytesIO(b"sound"), "audio/webm")
    for name in ["incoming-x", "leaving-x"]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "recording").write_bytes(b"half")

    store.sweep()

    assert [path.name for path in tmp_path.iterdir()] == ["audio"]
    assert store.find(KEY) == stored


def test_a_rejected_or_broken_recording_leaves_nothing_on_disk(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError

    store = FolderAudioStore(tmp_path)
    with pytest.raises(OSError):
        store.put(KEY, Broken(), "audio/webm")

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_deleted_recording_is_removed_from_disk(tmp_path: Path) -> None:
    store = FolderAudioStore(tmp_path)
    store.delete(store.put(KEY, io.BytesIO(b"sound"), "audio/webm"))

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_identifier_cannot_leave_the_folder(tmp_path: Path) -> None:
    store = FolderAudioStore(tmp_path / "root")
    for key in [EntryKey("..", ".."), EntryKey("/etc", "x"), EntryKey("a/../../..", "x\x00y")]:
        audio = store.put(key, io.BytesIO(b"sound"), "audio/webm")
        with store.fetch(audio) as path:
            assert path.resolve().is_relative_to((tmp_path / "root").resolve())


def test_only_the_owner_can_access_the_folder(tmp_path: Path) -> None:
    FolderAudioStore(tmp_path / "root")

    assert stat.S_IMODE((tmp_path / "root").stat().st_mode) == 0o700
