"""AudioStore in a folder: one directory per entry, prepared elsewhere and then renamed into place."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from functions.shared.domain.entries import Audio, EntryKey
from functions.shared.errors import Conflict, NotFound

_RECORDING = "recording"
_DESCRIPTION = "description.json"


class FolderAudioStore:
    """Recordings under `root`. Renaming onto a non-empty directory fails, so no recording is replaced."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, key: EntryKey, data: BinaryIO, content_type: str) -> Audio:
        with self._incoming() as incoming:
            with (incoming / _RECORDING).open("wb") as file:
                shutil.copyfileobj(data, file)
            return self._move_into_place(incoming, key, content_type)

    @contextmanager
    def open_writer(self, key: EntryKey, content_type: str) -> Iterator[BinaryIO]:
        with self._incoming() as incoming:
            with (incoming / _RECORDING).open("wb") as file:
                yield file
            self._move_into_place(incoming, key, content_type)

    def create_upload_session(
        self,
        key: EntryKey,  # noqa: ARG002
        *,
        size: int,  # noqa: ARG002
        content_type: str,  # noqa: ARG002
        origin: str | None = None,  # noqa: ARG002
    ) -> str | None:
        """None: this store takes recordings only through the journal."""
        return None

    def cancel_upload_session(self, session: str) -> None:
        """Does nothing: this store has no upload sessions."""

    def find(self, key: EntryKey) -> Audio | None:
        return self._describe(_object_name(key))

    @contextmanager
    def fetch(self, audio: Audio) -> Iterator[Path]:
        if not self._exists(audio):
            raise NotFound("the recording no longer exists", code="audio_gone")
        yield self._root / audio.object / _RECORDING

    def delete(self, audio: Audio) -> None:
        if not self._exists(audio):
            return
        trash = Path(tempfile.mkdtemp(dir=self._root, prefix="leaving-"))
        with suppress(FileNotFoundError):  # another process deleted it first
            (self._root / audio.object).rename(trash / "object")
        shutil.rmtree(trash)

    def delete_all(self, uid: str) -> int:
        folder = self._root / "audio" / _plain(uid)
        if not folder.is_dir():
            return 0
        trash = Path(tempfile.mkdtemp(dir=self._root, prefix="leaving-"))
        folder.rename(trash / "user")
        count = sum(1 for _ in (trash / "user").iterdir())
        shutil.rmtree(trash)
        return count

    def sweep(self) -> None:
        """Remove leftovers of processes that died in `put` or `delete`."""
        for pattern in ("incoming-*", "leaving-*"):
            for leftover in self._root.glob(pattern):
                shutil.rmtree(leftover, ignore_errors=True)

    @contextmanager
    def _incoming(self) -> Iterator[Path]:
        """A temporary folder, removed on exit with what is still in it."""
        incoming = Path(tempfile.mkdtemp(dir=self._root, prefix="incoming-"))
        try:
            yield incoming
        finally:
            shutil.rmtree(incoming, ignore_errors=True)

    def _move_into_place(self, incoming: Path, key: EntryKey, content_type: str) -> Audio:
        """Describe the recording in `incoming` and move it into place; raises Conflict `audio_exists`."""
        name, recording = _object_name(key), incoming / _RECORDING
        size = recording.stat().st_size
        audio = Audio(object=name, generation=time.time_ns(), content_type=content_type, size=size)
        (incoming / _DESCRIPTION).write_bytes(msgspec.json.encode(audio))
        target = self._root / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in (recording, incoming / _DESCRIPTION):
            _sync(path)
        try:
            incoming.rename(target)
        except OSError as error:
            if target.exists():
                raise Conflict("the entry already has a recording", code="audio_exists") from error
            raise
        _sync(target.parent)
        return audio

    def _exists(self, audio: Audio) -> bool:
        stored = self._describe(audio.object)
        return stored is not None and stored.generation == audio.generation

    def _describe(self, name: str) -> Audio | None:
        try:
            return msgspec.json.decode((self._root / name / _DESCRIPTION).read_bytes(), type=Audio)
        except FileNotFoundError:
            return None


def _sync(path: Path) -> None:
    """Flush a file, or the renames in a folder, to disk, so that they survive a power loss."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _object_name(key: EntryKey) -> str:
    """`audio/{uid}/{entry_id}`, as in the bucket. IDs that are not safe file names are hashed.

    That includes upper-case letters: some file systems ignore case.
    """
    return "/".join(("audio", _plain(key.uid), _plain(key.entry_id)))


def _plain(identifier: str) -> str:
    if re.fullmatch(r"[a-z0-9_-]{1,64}", identifier):
        return identifier
    return "X" + hashlib.sha256(identifier.encode()).hexdigest()
