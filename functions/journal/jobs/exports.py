"""Exports a user's data as one zip file: one JSON file per entry, and the recordings."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec

from functions.journal.jobs.runner import JobOutcome, JobProgress
from functions.journal.journal import Journals
from functions.journal.names import PersonalNames
from functions.journal.views.accounts import account_view, key_view
from functions.journal.views.entries import entry_view
from functions.shared.access.api_keys import ApiKeys
from functions.shared.audio.media_types import MEDIA_TYPES
from functions.shared.domain.entries import Audio, Entry, EntryKey
from functions.shared.domain.records import Account, Address, JobRecord, NameDictionary
from functions.shared.errors import NotFound
from functions.shared.ports import Ports
from functions.shared.runtime.settings import Settings

MEDIA_TYPE = "application/zip"
_PAGE_SIZE = 100
_REPORT_EVERY = 20
_SUFFIXES = {media_type: suffix for suffix, media_type in MEDIA_TYPES.items()}
_README = """Your SAMO journal.

entries/      One JSON file per entry, as in the API: transcript with timestamps, emotions and summary, as you
              corrected them, your feedback, and the support note if it has one. A file's name is the day of
              the recording and the entry's ID.
audio/        The recordings that had not been deleted yet. A file's name is its entry's ID.
account.json  Your consent and preferences.
names.json    Your personal dictionary, and the names suggested for it.
keys.json     The names of your API keys. SAMO does not store their secrets.
"""


class ExportWork:
    """Writes and deletes exports. Implements `runner.JobWork`."""

    def __init__(self, ports: Ports, journals: Journals, settings: Settings) -> None:
        self._ports = ports
        self._journals = journals
        self._settings = settings

    def run(self, job: JobRecord, progress: JobProgress) -> JobOutcome:
        """Raises TemporaryError if a port is unavailable."""
        entries = list(self._entries(job.owner))
        progress(0, len(entries))
        if self._ports.exports.find(_key(job)) is None:  # else an earlier attempt died after storing it
            with self._ports.exports.open_writer(_key(job), MEDIA_TYPE) as file:
                self._write(file, job.owner, entries, progress)
        return JobOutcome(done=len(entries), total=len(entries))

    def discard(self, job: JobRecord) -> None:
        stored = self._ports.exports.find(_key(job))
        if stored is not None:
            self._ports.exports.delete(stored)

    def _write(self, file: BinaryIO, uid: str, entries: Sequence[Entry], progress: JobProgress) -> None:
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            self._add_account(archive, uid)
            for done, entry in enumerate(entries, start=1):
                self._add_entry(archive, entry)
                if done % _REPORT_EVERY == 0:
                    progress(done, len(entries))

    def _entries(self, uid: str) -> Iterator[Entry]:
        cursor = None
        while True:
            page = self._ports.store.list_entries(uid, limit=_PAGE_SIZE, cursor=cursor)
            yield from page.entries
            if (cursor := page.next_cursor) is None:
                return

    def _add_account(self, archive: ZipFile, uid: str) -> None:
        account = self._ports.records.get(Address(Account, uid))
        keys = [key_view(key) for key in ApiKeys(self._ports.records).owned_by(uid)]
        archive.writestr("README.txt", _README)
        archive.writestr("account.json", _json(account_view(account, self._settings)))
        archive.writestr("names.json", _json(_names(PersonalNames(self._ports.records).get(uid))))
        archive.writestr("keys.json", _json(keys))

    def _add_entry(self, archive: ZipFile, entry: Entry) -> None:
        """Add the entry, unless it has been deleted in the meantime."""
        try:
            loaded = self._journals(entry.uid).load(entry)
        except NotFound:
            return
        entry = loaded.entry
        name = f"{entry.recorded_at:%Y-%m-%d}_{entry.entry_id}.json"
        archive.writestr(f"entries/{name}", _json(entry_view(*loaded)))
        if entry.audio is not None and entry.audio.deleted_at is None:
            self._add_recording(archive, entry.entry_id, entry.audio)

    def _add_recording(self, archive: ZipFile, entry_id: str, audio: Audio) -> None:
        name = f"audio/{entry_id}.{_SUFFIXES.get(audio.content_type, 'bin')}"
        try:
            with self._ports.audio.fetch(audio) as path:
                _copy(archive, name, path)
        except NotFound:
            return


def result(ports: Ports, job: JobRecord) -> Audio:
    """The finished zip file. Raises NotFound `result_gone` if it has expired."""
    stored = ports.exports.find(_key(job))
    if stored is None:
        raise NotFound("this export has expired", code="result_gone")
    return stored


def _names(dictionary: NameDictionary) -> dict[str, object]:
    return {"names": dictionary.names, "suggestions": dictionary.suggestions}


def _key(job: JobRecord) -> EntryKey:
    return EntryKey(job.owner, job.record_id)


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2)


def _copy(archive: ZipFile, name: str, path: Path) -> None:
    """Copy a file of any size: in blocks, and with zip64."""
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
        shutil.copyfileobj(source, target)
