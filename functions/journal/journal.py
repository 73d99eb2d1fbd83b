"""What a client can do with a journal, over the ports: create, read, edit, comment on, delete."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from functions.shared.access.accounts import Accounts
from functions.shared.audio import decoding
from functions.shared.audio.decoding import AudioInfo
from functions.shared.domain import lifecycle
from functions.shared.domain.changes import NO_CHANGE, Write
from functions.shared.domain.content import Arc, Transcript
from functions.shared.domain.entries import Entry, EntryKey, RetentionPreference, Status
from functions.shared.domain.insight import Feedback, FeedbackVerdict
from functions.shared.domain.records import Account
from functions.shared.errors import Conflict, NotFound, PayloadTooLarge
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.ports import ALL_ENTRIES, AudioStore, EntryFilter, EntryPage, Ports
from functions.shared.runtime.settings import Settings
from functions.shared.text import sentences

UPLOAD_PATIENCE = timedelta(hours=24)
"""How long an entry waits for its recording."""


MEDIA_TYPES = {
    "wav": "audio/wav",
    "aiff": "audio/aiff",
    "caf": "audio/x-caf",
    "mp3": "audio/mpeg",
    "aac": "audio/aac",
    "amr": "audio/amr",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "webm": "audio/webm",
    "mp4": "audio/mp4",
}
"""How a recording is played back: by what it is, whatever its sender called it."""


class Journal:
    """One user's journal."""

    def __init__(self, ports: Ports, settings: Settings, uid: str) -> None:
        self._ports = ports
        self._pipeline = Pipeline(ports, settings)
        self._settings = settings
        self._uid = uid

    def create_text_entry(
        self,
        text: str,
        recorded_at: datetime | None = None,
        timezone: str | None = None,
        *,
        entry_id: str | None = None,
    ) -> Entry:
        """Create an entry from text that has been checked; under `entry_id`, once while its tombstone stands.

        Raises:
            Forbidden: `consent_required`.
            Conflict: `entry_exists`, or `entry_deleted` if there once was one of that id.
        """
        self._account()
        key = self._key(entry_id)
        transcript = _typed(text)
        self._create(
            key, lambda now: lifecycle.create_text_entry(key, transcript, now, in_utc(recorded_at), timezone)
        )
        self._pipeline.try_publish_pending(key)
        return self.get(key.entry_id)

    def create_voice_entry(
        self,
        recording: Path,
        recorded_at: datetime | None = None,
        timezone: str | None = None,
        *,
        entry_id: str | None = None,
        job_id: str | None = None,
    ) -> Entry:
        """Create an entry from a recording; under `entry_id`, once while its tombstone stands.

        One that belongs to a batch job is transcribed, and nothing else.

        Raises:
            Forbidden: `consent_required`.
            UnsupportedMedia, InvalidRequest, PayloadTooLarge: it is no recording SAMO can take; nothing
                is stored.
            Conflict: `entry_exists`, or `entry_deleted` if there once was one of that id.
        """
        probed = self._probe(recording)
        key = self._key(entry_id)
        keeping = replace(self._keeping(), retention="until_transcribed") if job_id else self._keeping()
        self._await_audio(key, recorded_at, timezone, keeping, job_id=job_id)
        try:
            self._store_audio(key, recording, probed)
        except BaseException:
            if entry_id is None:
                self.delete(key.entry_id)
            raise
        return self.get(key.entry_id)

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
        """An entry that waits for a recording of this size (bytes) and type at its `upload_session`.

        The session is a secret: whoever knows it can upload. Without one, `fulfil` takes the recording.

        Raises:
            Forbidden: `consent_required`.
            PayloadTooLarge: `audio_too_large`.
            Conflict: `too_many_uploads`, others are still waited for; `entry_exists`, or `entry_deleted` if
                there once was one of that id.
        """
        limit = self._settings.max_upload_bytes
        if size > limit:
            raise PayloadTooLarge(f"{size} bytes; the limit is {limit}", code="audio_too_large")
        key, keeping = self._key(entry_id), self._keeping()
        if entry_id is not None and (standing := self._ports.store.get(key)) is not None:
            raise _taken(standing)
        pending = self._settings.max_pending_uploads
        if self._ports.store.count_awaiting_audio(self._uid, pending) >= pending:
            raise Conflict(f"{pending} recordings are already waited for", code="too_many_uploads")
        session = self._ports.audio.create_upload_session(
            key, size=size, content_type=content_type, origin=origin
        )
        self._await_audio(key, recorded_at, timezone, keeping, session=session)
        return self.get(key.entry_id)

    def receive_upload(self, entry_id: str, recording: Path) -> Entry:
        """The recording of an entry that waits for it.

        Raises:
            NotFound: there is no such entry.
            Conflict: `audio_exists`, it has its recording or no longer waits for one.
            UnsupportedMedia, InvalidRequest, PayloadTooLarge: it is no recording SAMO can take.
        """
        entry = self.get(entry_id)
        if entry.status is not Status.AWAITING_AUDIO:
            raise Conflict("the entry does not wait for a recording", code="audio_exists")
        self._store_audio(entry.key, recording, self._probe(recording))
        return self.get(entry_id)

    def get(self, entry_id: str) -> Entry:
        """Raises NotFound for an entry that never was, or was deleted."""
        entry = self._ports.store.get(EntryKey(self._uid, entry_id))
        return _standing(entry)

    def load(self, entry: Entry) -> tuple[Entry, Transcript | None, Arc | None]:
        """The entry with its content, or a newer revision if an edit came between the two."""
        while True:
            content = self.load_content(entry)
            newest = self.get(entry.entry_id) if content[0] is None else entry
            if newest.revision == entry.revision:
                return entry, *content
            entry = newest

    def load_content(self, entry: Entry) -> tuple[Transcript | None, Arc | None]:
        """The transcript and the arc, as far as they exist."""
        read = self._ports.store.read
        return read(entry.key, entry.revision, Transcript), read(entry.key, entry.revision, Arc)

    @property
    def audio_store(self) -> AudioStore:
        """Where they are kept."""
        return self._ports.audio

    def list_entries(self, limit: int, cursor: str | None, where: EntryFilter = ALL_ENTRIES) -> EntryPage:
        return self._ports.store.list_entries(self._uid, limit=limit, cursor=cursor, where=where)

    def add_feedback(
        self,
        entry_id: str,
        emotion: str,
        verdict: FeedbackVerdict,
        correction: str | None = None,
        segment: int | None = None,
    ) -> Entry:
        """What the person says of an emotion, in place of what they said of it before.

        Raises:
            NotFound: there is no such entry.
            Conflict: `too_much_feedback`.
        """

        def change(entry: Entry | None, now: datetime) -> tuple[Write, Entry]:
            standing = _standing(entry)
            said = Feedback(
                emotion=emotion,
                verdict=verdict,
                correction=correction,
                segment=segment,
                revision=standing.revision,
                given_at=now,
            )
            commented = lifecycle.add_feedback(standing, said, now)
            return Write(entry=commented), commented

        return self._ports.store.transact(EntryKey(self._uid, entry_id), change)

    def edit(self, entry_id: str, text: str) -> Entry:
        """Replace an entry's words: a new revision, analysed anew.

        Raises:
            NotFound: there is no such entry.
            Conflict: `awaiting_audio`, its recording has not arrived yet.
        """
        transcript = _typed(text)

        def change(entry: Entry | None, now: datetime) -> tuple[Write, Entry]:
            standing = _standing(entry)
            if standing.status is Status.AWAITING_AUDIO:
                raise Conflict("the recording has not arrived yet", code="awaiting_audio")
            write = lifecycle.edit(standing, transcript, now, self._settings)
            assert write.entry is not None
            return write, write.entry

        key = EntryKey(self._uid, entry_id)
        mine = self._ports.store.transact(key, change)
        self._pipeline.try_publish_pending(key)
        return mine

    def delete(self, entry_id: str) -> None:
        """Delete an entry, its words and its recording; only a content-free tombstone stays.

        Raises:
            NotFound: there is no such entry.
        """

        def change(entry: Entry | None, now: datetime) -> tuple[Write, tuple[Entry, str | None]]:
            standing = _standing(entry)
            write = lifecycle.delete(standing, now)
            assert write.entry is not None
            return write, (write.entry, standing.upload_session)

        tombstone, session = self._ports.store.transact(EntryKey(self._uid, entry_id), change)
        self._pipeline.delete_audio(tombstone)
        if session is not None:
            self._ports.audio.cancel_upload_session(session)

    def _probe(self, recording: Path) -> AudioInfo:
        return decoding.probe(recording, max_duration_s=self._settings.max_audio_s)

    def _account(self) -> Account | None:
        """What the user has asked for. Raises Forbidden `consent_required`."""
        return Accounts(self._ports.records).require_consent(self._uid, self._settings.consent_version)

    def _keeping(self) -> RetentionPreference:
        account = self._account()
        if account is None:
            return RetentionPreference()
        return RetentionPreference(retention=account.audio_retention, days=account.audio_retention_days)

    def _await_audio(
        self,
        key: EntryKey,
        recorded_at: datetime | None,
        timezone: str | None,
        keeping: RetentionPreference,
        *,
        session: str | None = None,
        job_id: str | None = None,
    ) -> None:
        begin = partial(
            lifecycle.create_voice_entry,
            key,
            recorded_at=in_utc(recorded_at),
            timezone=timezone,
            patience=UPLOAD_PATIENCE,
            session=session,
            keeping=keeping,
            job_id=job_id,
        )
        self._create(key, begin)

    def _store_audio(self, key: EntryKey, recording: Path, probed: AudioInfo) -> None:
        if self._ports.audio.find(key) is not None:
            self._pipeline.adopt_audio(key)
            return
        with recording.open("rb") as data:
            self._ports.audio.put(key, data, MEDIA_TYPES[probed.format])
        self._pipeline.adopt_audio(key, probed)

    def _key(self, entry_id: str | None) -> EntryKey:
        return EntryKey(self._uid, entry_id or uuid.uuid4().hex)

    def _create(self, key: EntryKey, begin: Callable[[datetime], Write]) -> None:
        """A new entry, or one that an interrupted import left waiting for its recording."""

        def change(entry: Entry | None, now: datetime) -> tuple[Write, None]:
            if entry is None:
                return begin(now), None
            if entry.deleted_at is not None or entry.status is not Status.AWAITING_AUDIO:
                raise _taken(entry)
            return NO_CHANGE, None

        self._ports.store.transact(key, change)


Journals = Callable[[str], Journal]
"""The journal of a user id."""


def journals(ports: Ports, settings: Settings) -> Journals:
    return lambda uid: Journal(ports, settings, uid)


def _standing(entry: Entry | None) -> Entry:
    if entry is None or entry.deleted_at is not None:
        raise NotFound("there is no such entry", code="entry_not_found")
    return entry


def _taken(entry: Entry) -> Conflict:
    if entry.deleted_at is not None:
        return Conflict("an entry of this id was deleted", code="entry_deleted")
    return Conflict("there is an entry of this id", code="entry_exists")


def _typed(text: str) -> Transcript:
    return Transcript(text=text, segments=sentences.segments(text))


def in_utc(moment: datetime | None) -> datetime | None:
    """A time in UTC; one without a zone is taken for it."""
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
