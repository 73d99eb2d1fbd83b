"""A user's journal."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from functions.journal.existing_entries import ExistingEntries, LoadedEntry, transcript_of
from functions.journal.expectations import require
from functions.journal.names import PersonalNames
from functions.shared.access.accounts import Accounts
from functions.shared.audio import decoding
from functions.shared.audio.decoding import AudioInfo
from functions.shared.audio.media_types import MEDIA_TYPES
from functions.shared.domain import creation
from functions.shared.domain.changes import NO_CHANGE, Write
from functions.shared.domain.dictated import words_digest
from functions.shared.domain.entries import Entry, EntryKey, RetentionPreference, Status
from functions.shared.domain.records import Account
from functions.shared.errors import Conflict, PayloadTooLarge
from functions.shared.ports import Ports
from functions.shared.runtime.settings import Settings

WAIT_FOR_AUDIO = timedelta(hours=24)
"""How long an entry waits for its recording before it fails."""


class Journal(ExistingEntries):
    """One user's journal: creates entries, besides reading, editing and deleting them."""

    def create_text_entry(
        self,
        text: str,
        recorded_at: datetime | None = None,
        timezone: str | None = None,
        *,
        entry_id: str | None = None,
    ) -> LoadedEntry:
        """Create an entry from validated text.

        Raises:
            Forbidden: `consent_required`.
            Conflict: `entry_exists`; `entry_deleted` if an entry with this ID was deleted.
        """
        self._require_consent()
        key = self._key(entry_id)
        transcript = transcript_of(text)

        def create(existing: Entry | None, now: datetime) -> tuple[Write, Entry]:
            if existing is not None:
                raise _conflict(existing)
            entry = creation.create_text_entry(key, now, in_utc(recorded_at), timezone)
            return Write(entry=entry, pieces=(transcript,)), entry

        entry = self._ports.store.transact(key, create)
        self._outbox.try_publish(entry)
        return LoadedEntry(entry, transcript)

    def create_voice_entry(
        self,
        recording: Path,
        recorded_at: datetime | None = None,
        timezone: str | None = None,
        *,
        entry_id: str | None = None,
        job_id: str | None = None,
        dictated: str = "",
    ) -> Entry:
        """Create an entry from a recording. An entry of a batch job (`job_id`) is only transcribed.

        With an `entry_id`, a call that was interrupted can be repeated. `dictated` is the text that the user
        saw while dictating: only a digest of it is stored.

        Raises:
            Forbidden: `consent_required`.
            UnsupportedMedia, InvalidRequest, PayloadTooLarge: the recording cannot be used, and
                nothing is stored.
            Conflict: `entry_exists`; `entry_deleted` if an entry with this ID was deleted.
        """
        probed = self._probe(recording)
        preference = self._retention_preference()
        if job_id is not None:
            preference = replace(preference, retention="until_transcribed")
        key = self._key(entry_id)
        digest = words_digest(dictated)
        self._create_awaiting_audio(key, recorded_at, timezone, preference, job_id=job_id, dictated=digest)
        try:
            return self._store_audio(key, recording, probed)
        except BaseException:
            if entry_id is None:
                self.delete(key.entry_id)
            raise

    def create_upload(
        self,
        size: int,
        content_type: str,
        recorded_at: datetime | None = None,
        timezone: str | None = None,
        *,
        origin: str | None = None,
        entry_id: str | None = None,
    ) -> Entry:
        """Create an entry whose recording, of this size (bytes) and type, is to be sent to `upload_session`.

        The session is a secret: anyone who has it can upload. If it is None, use `receive_upload`.

        Raises:
            Forbidden: `consent_required`.
            PayloadTooLarge: `audio_too_large`.
            Conflict: `too_many_uploads`, others are pending; `entry_exists`; `entry_deleted` if an entry with
                this ID was deleted.
        """
        max_size = self._settings.max_upload_bytes
        if size > max_size:
            raise PayloadTooLarge(f"{size} bytes; the limit is {max_size}", code="audio_too_large")
        preference = self._retention_preference()
        key = self._key(entry_id)
        if entry_id is not None and (existing := self._ports.store.get(key)) is not None:
            raise _conflict(existing)
        max_pending = self._settings.max_pending_uploads
        if self._ports.store.count_awaiting_audio(self._uid, max_pending) >= max_pending:
            raise Conflict(f"{max_pending} uploads are already pending", code="too_many_uploads")
        session = self._ports.audio.create_upload_session(
            key, size=size, content_type=content_type, origin=origin
        )
        return self._create_awaiting_audio(key, recorded_at, timezone, preference, session=session)

    def receive_upload(self, entry_id: str, recording: Path) -> Entry:
        """Attach a recording to the entry that is waiting for it.

        Raises:
            NotFound: there is no such entry.
            Conflict: `audio_exists`, it has a recording or no longer waits for one.
            UnsupportedMedia, InvalidRequest, PayloadTooLarge: the recording cannot be used.
        """
        entry = self.get(entry_id)
        if entry.status is not Status.AWAITING_AUDIO:
            raise Conflict("the entry is not waiting for a recording", code="audio_exists")
        return self._store_audio(entry.key, recording, self._probe(recording))

    def delete(self, entry_id: str) -> None:
        """Delete an entry, and the names that it suggested."""
        PersonalNames(self._ports.records).forget_entry(self._key(entry_id))
        super().delete(entry_id)

    def _key(self, entry_id: str | None) -> EntryKey:
        return EntryKey(self._uid, entry_id or uuid.uuid4().hex)

    def _require_consent(self) -> Account | None:
        """The user's account; raises Forbidden `consent_required`."""
        return Accounts(self._ports.records).require_consent(self._uid, self._settings.consent_version)

    def _retention_preference(self) -> RetentionPreference:
        """The user's retention preference; raises Forbidden `consent_required`."""
        account = self._require_consent()
        if account is None:
            return RetentionPreference()
        return RetentionPreference(retention=account.audio_retention, days=account.audio_retention_days)

    def _probe(self, recording: Path) -> AudioInfo:
        return decoding.probe(recording, max_duration_s=self._settings.max_audio_s)

    def _create_awaiting_audio(
        self,
        key: EntryKey,
        recorded_at: datetime | None,
        timezone: str | None,
        preference: RetentionPreference,
        *,
        session: str | None = None,
        job_id: str | None = None,
        dictated: str | None = None,
    ) -> Entry:
        """Create an entry without its recording, or return the one that an interrupted call created."""

        def create(existing: Entry | None, now: datetime) -> tuple[Write, Entry]:
            if existing is not None:
                if existing.deleted_at is not None or existing.status is not Status.AWAITING_AUDIO:
                    raise _conflict(existing)
                return NO_CHANGE, existing
            entry = creation.create_voice_entry(
                key,
                now,
                in_utc(recorded_at),
                timezone,
                wait_for_audio=WAIT_FOR_AUDIO,
                session=session,
                preference=preference,
                job_id=job_id,
                dictated=dictated,
            )
            return Write(entry=entry), entry

        return self._ports.store.transact(key, create)

    def _store_audio(self, key: EntryKey, recording: Path, probed: AudioInfo) -> Entry:
        """Store the recording, unless an interrupted call has done so, and attach it to its entry."""
        try:
            with recording.open("rb") as data:
                audio = self._ports.audio.put(key, data, MEDIA_TYPES[probed.format])
        except Conflict:
            return require(self._recordings.adopt(key))
        audio = replace(audio, duration_s=probed.duration_s)
        return require(
            self._recordings.adopt(key, audio, partial=probed.partial, reason=probed.partial_reason)
        )


Journals = Callable[[str], Journal]
"""Returns the journal of a user."""


def journals(ports: Ports, settings: Settings) -> Journals:
    return lambda uid: Journal(ports, settings, uid)


def _conflict(existing: Entry) -> Conflict:
    if existing.deleted_at is not None:
        return Conflict("an entry with this ID was deleted", code="entry_deleted")
    return Conflict("an entry with this ID exists", code="entry_exists")


def in_utc(time: datetime | None) -> datetime | None:
    """Convert a time to UTC; a time without a zone is taken as UTC."""
    if time is None:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
