"""Everything a user has put in, as one zip file: an entry a JSON file, its recording beside it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec

from functions.journal.jobs.runner import JobOutcome, JobProgress
from functions.journal.journal import MEDIA_TYPES, Journals
from functions.journal.views.accounts import account_view, key_view
from functions.journal.views.entries import entry_view
from functions.shared.access.api_keys import ApiKeys
from functions.shared.domain.entries import Audio, Entry, EntryKey
from functions.shared.domain.records import Account, Address, JobRecord
from functions.shared.errors import NotFound
from functions.shared.ports import Ports
from functions.shared.runtime.settings import Settings

MEDIA_TYPE = "application/zip"
_PAGE = 100
_SUFFIXES = {media_type: suffix for suffix, media_type in MEDIA_TYPES.items()}
_ABOUT = """Your SAMO journal.

entries/    one JSON file an entry, as the API gives it: words, sentences with times, what was felt, summary,
            and what you said of it. Named by the day it was recorded on and its id.
audio/      recordings that were still kept, named by their entry's id.
account.json, keys.json   what you agreed to and asked for; your API keys' names (secrets are never kept).
"""


class ExportWork:
    """Writes exports. Implements job_runner.Work."""

    def __init__(self, ports: Ports, journals: Journals, settings: Settings) -> None:
        self._ports = ports
        self._journals = journals
        self._settings = settings

    def run(self, job: JobRecord, progress: JobProgress) -> JobOutcome:
        """Raises TemporaryError where a port is out."""
        entries = list(self._entries(job.owner))
        progress(0, len(entries))
        if self._ports.exports.find(_key(job)) is None:  # else an attempt died after it had stored it
            with self._ports.exports.open_writer(_key(job), MEDIA_TYPE) as file:
                self._write(file, job.owner, entries, progress)
        return JobOutcome(done=len(entries), total=len(entries))

    def discard(self, job: JobRecord) -> None:
        found = self._ports.exports.find(_key(job))
        if found is not None:
            self._ports.exports.delete(found)

    def _write(self, file: BinaryIO, uid: str, entries: Sequence[Entry], progress: JobProgress) -> None:
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            self._describe(archive, uid)
            for done, entry in enumerate(entries, start=1):
                self._add(archive, entry)
                if done % 20 == 0:
                    progress(done, len(entries))

    def _entries(self, uid: str) -> Iterator[Entry]:
        cursor = None
        while True:
            page = self._ports.store.list_entries(uid, limit=_PAGE, cursor=cursor)
            yield from page.entries
            if (cursor := page.next_cursor) is None:
                return

    def _describe(self, archive: ZipFile, uid: str) -> None:
        account = self._ports.records.get(Address(Account, uid))
        keys = [key_view(key) for key in ApiKeys(self._ports.records).owned_by(uid)]
        archive.writestr("README.txt", _ABOUT)
        archive.writestr("account.json", _json(account_view(account, self._settings)))
        archive.writestr("keys.json", _json(keys))

    def _add(self, archive: ZipFile, entry: Entry) -> None:
        """An entry as it stands; one that was deleted meanwhile is left out."""
        try:
            entry, transcript, arc = self._journals(entry.uid).load(entry)
        except NotFound:
            return
        name = f"{entry.recorded_at:%Y-%m-%d}_{entry.entry_id}.json"
        archive.writestr(f"entries/{name}", _json(entry_view(entry, transcript, arc)))
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
    """The finished zip. Raises NotFound `result_gone`."""
    found = ports.exports.find(_key(job))
    if found is None:
        raise NotFound("the export is not kept any more", code="result_gone")
    return found


def _key(job: JobRecord) -> EntryKey:
    return EntryKey(job.owner, job.record_id)


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2)


def _copy(archive: ZipFile, name: str, path: Path) -> None:
    """A file as large as may be."""
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
        shutil.copyfileobj(source, target)
