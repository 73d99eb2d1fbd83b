"""Reads, edits and deletes the entries of a journal."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from functions.journal.support.notes import NoteOf, SupportNote, notes_for
from functions.shared.domain import lifecycle
from functions.shared.domain.changes import Write
from functions.shared.domain.content import Arc, Transcript
from functions.shared.domain.entries import Entry, EntryKey, Stage, StageState, Status
from functions.shared.domain.insight import Feedback, FeedbackVerdict
from functions.shared.errors import Conflict, NotFound
from functions.shared.pipeline.outbox import Outbox
from functions.shared.pipeline.recordings import Recordings
from functions.shared.ports import ALL_ENTRIES, AudioStore, EntryFilter, EntryPage, Ports
from functions.shared.runtime.settings import Settings
from functions.shared.text import sentences


class LoadedEntry(NamedTuple):
    """An entry with its content, as far as it exists."""

    entry: Entry
    transcript: Transcript | None = None
    arc: Arc | None = None
    support: SupportNote | None = None


class ExistingEntries:
    """The entries that a user's journal already has."""

    def __init__(self, ports: Ports, settings: Settings, uid: str) -> None:
        self._ports = ports
        self._settings = settings
        self._uid = uid
        self._outbox = Outbox(ports, settings)
        self._recordings = Recordings(ports, settings, self._outbox)

    def get(self, entry_id: str) -> Entry:
        """Raises NotFound for an entry that does not exist or was deleted."""
        return require(self._ports.store.get(EntryKey(self._uid, entry_id)))

    def load(self, entry: Entry) -> LoadedEntry:
        """The entry with its content; a newer revision if it was edited in the meantime.

        Raises:
            NotFound: it was deleted in the meantime.
        """
        while True:
            transcript, arc = self.load_content(entry)
            latest = entry if transcript or not _has_transcript(entry) else self.get(entry.entry_id)
            if latest.revision == entry.revision:
                return LoadedEntry(entry, transcript, arc, self.support_notes()(entry))
            entry = latest

    def load_content(self, entry: Entry) -> tuple[Transcript | None, Arc | None]:
        """The transcript and the arc of this revision, as far as they exist."""
        read = self._ports.store.read
        transcript = read(entry.key, entry.revision, Transcript) if _has_transcript(entry) else None
        has_arc = entry.stage(Stage.EMOTION).state is StageState.DONE
        return transcript, read(entry.key, entry.revision, Arc) if has_arc else None

    def support_notes(self) -> NoteOf:
        """The support notes of entries, for one request."""
        return notes_for(self._uid, self._ports.records, self._settings)

    @property
    def audio_store(self) -> AudioStore:
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
        """Store the user's feedback on an emotion, replacing earlier feedback on the same one.

        Raises:
            NotFound: there is no such entry.
            Conflict: `too_much_feedback`.
        """

        def add(entry: Entry | None, now: datetime) -> tuple[Write, Entry]:
            entry = require(entry)
            feedback = Feedback(
                emotion=emotion,
                verdict=verdict,
                correction=correction,
                segment=segment,
                revision=entry.revision,
                given_at=now,
            )
            entry = lifecycle.add_feedback(entry, feedback, now)
            return Write(entry=entry), entry

        return self._ports.store.transact(EntryKey(self._uid, entry_id), add)

    def dismiss_support(self, entry_id: str, *, dismissed: bool) -> LoadedEntry:
        """Show the entry's insight in place of its support note, or the note again.

        Raises:
            NotFound: there is no such entry.
        """

        def dismiss(entry: Entry | None, now: datetime) -> tuple[Write, Entry]:
            entry = lifecycle.dismiss_support(require(entry), now, dismissed=dismissed)
            return Write(entry=entry), entry

        return self.load(self._ports.store.transact(EntryKey(self._uid, entry_id), dismiss))

    def edit(self, entry_id: str, text: str) -> LoadedEntry:
        """Replace an entry's text; the new revision is analyzed again.

        Raises:
            NotFound: there is no such entry.
            Conflict: `awaiting_audio`, its recording has not arrived yet.
        """
        transcript = transcript_of(text)

        def edit(entry: Entry | None, now: datetime) -> tuple[Write, Entry]:
            entry = require(entry)
            if entry.status is Status.AWAITING_AUDIO:
                raise Conflict("the recording has not arrived yet", code="awaiting_audio")
            write = lifecycle.edit(entry, transcript, now, self._settings)
            assert write.entry is not None
            return write, write.entry

        entry = self._ports.store.transact(EntryKey(self._uid, entry_id), edit)
        self._outbox.try_publish(entry)
        return LoadedEntry(entry, transcript)

    def delete(self, entry_id: str) -> None:
        """Delete an entry, its content and its recording; only a tombstone without content remains.

        Raises:
            NotFound: there is no such entry.
        """

        def delete(entry: Entry | None, now: datetime) -> tuple[Write, tuple[Entry, str | None]]:
            entry = require(entry)
            write = lifecycle.delete(entry, now)
            assert write.entry is not None
            return write, (write.entry, entry.upload_session)

        tombstone, session = self._ports.store.transact(EntryKey(self._uid, entry_id), delete)
        self._recordings.delete(tombstone)
        if session is not None:
            self._ports.audio.cancel_upload_session(session)


def require(entry: Entry | None) -> Entry:
    """Raises NotFound for an entry that does not exist or was deleted."""
    if entry is None or entry.deleted_at is not None:
        raise NotFound("there is no such entry", code="entry_not_found")
    return entry


def transcript_of(text: str) -> Transcript:
    """The transcript of typed text."""
    return Transcript(text=text, segments=sentences.segments(text))


def _has_transcript(entry: Entry) -> bool:
    """Whether this revision has been transcribed or was typed."""
    return entry.stage(Stage.TRANSCRIPTION).state in (StageState.DONE, StageState.SKIPPED)
