"""Reads, corrects, edits and deletes the entries of a journal."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from functions.journal.editing import edit_text, max_chars
from functions.journal.expectations import IsExpected, expect, require
from functions.journal.names import PersonalNames
from functions.journal.support.notes import NoteOf, SupportNote, notes_for
from functions.shared.domain import correcting, lifecycle
from functions.shared.domain.changes import Write
from functions.shared.domain.content import Arc, Transcript
from functions.shared.domain.corrections import Corrections, InsightPart
from functions.shared.domain.entries import Entry, EntryKey, Source, Stage, StageState
from functions.shared.domain.insight import Feedback, FeedbackVerdict
from functions.shared.domain.transcribing_again import transcribe_again
from functions.shared.errors import Conflict, InvalidRequest
from functions.shared.pipeline.outbox import Outbox
from functions.shared.pipeline.recordings import Recordings
from functions.shared.ports import ALL_ENTRIES, AudioStore, EntryFilter, EntryPage, Ports
from functions.shared.runtime.settings import Settings, SpeechEngine
from functions.shared.text import sentences
from functions.shared.web.validation import require_text


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
        has_arc = entry.stage(Stage.EMOTION).state is StageState.DONE
        arc = self._ports.store.read(entry.key, entry.revision, Arc) if has_arc else None
        return self._transcript(entry), arc

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
            entry = correcting.add_feedback(entry, feedback, now)
            return Write(entry=entry), entry

        return self._ports.store.transact(EntryKey(self._uid, entry_id), add)

    def correct(
        self, entry_id: str, changes: Corrections, is_expected: IsExpected, revision: int | None = None
    ) -> LoadedEntry:
        """Store what the user says of the entry in place of what the models found.

        Args:
            is_expected: whether the entry is as the caller last saw it.
            revision: the revision that the corrections are about; None: the current one.

        Raises:
            NotFound: there is no such entry.
            EntryChanged: the entry is not as expected.
            InvalidRequest: `unknown_segment`, the entry has no such segment.
            Conflict: `entry_edited`, it has another revision; `too_many_corrections`.
        """
        seen = self.get(entry_id)
        transcript = self._transcript(seen) if changes.segments else None
        about = seen.revision if changes.segments and revision is None else revision

        def correct(entry: Entry | None, now: datetime) -> tuple[Write, Entry]:
            entry = expect(entry, is_expected)
            if about not in {None, entry.revision} or (changes.segments and entry.revision != seen.revision):
                raise Conflict("the entry has been edited in the meantime", code="entry_edited")
            _require_segments(changes, transcript)
            entry = correcting.correct(entry, changes, now)
            return Write(entry=entry), entry

        return self.load(self._ports.store.transact(seen.key, correct))

    def take_back(
        self, entry_id: str, part: InsightPart | None, segment: int | None, is_expected: IsExpected
    ) -> LoadedEntry:
        """Undo corrections: of one part, of one segment, or all of them.

        Raises:
            NotFound: there is no such entry.
            EntryChanged: the entry is not as expected.
        """

        def take_back(entry: Entry | None, now: datetime) -> tuple[Write, Entry]:
            entry = correcting.take_back(expect(entry, is_expected), part, segment, now)
            return Write(entry=entry), entry

        return self.load(self._ports.store.transact(EntryKey(self._uid, entry_id), take_back))

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

        Sentences that did not change keep their times, and their points of the arc if they were spoken. Names
        that were corrected in what was spoken are offered for the user's dictionary.

        Raises:
            NotFound: there is no such entry.
            Conflict: `awaiting_audio`, its recording has not arrived yet.
            InvalidRequest: as `require_text`.
        """
        limit = self._settings.max_text_chars
        if len(text) > limit:
            limit = max_chars(self.get(entry_id), self._settings)
        key, text = EntryKey(self._uid, entry_id), require_text(text, limit)
        edited = edit_text(self._ports.store, key, text, self._settings, self.load_content)
        self._outbox.try_publish(edited.entry)
        if edited.entry.source is Source.VOICE:
            PersonalNames(self._ports.records).offer(key, edited.previous, text)
        return LoadedEntry(edited.entry, edited.transcript)

    def transcribe_again(self, entry_id: str, engine: SpeechEngine | None = None) -> LoadedEntry:
        """Transcribe a recording again. Raises NotFound, Conflict, InvalidRequest `engine_unavailable`."""
        if engine == "whisper" and not self._settings.whisper_model:
            raise InvalidRequest("this deployment has no Whisper model", code="engine_unavailable")

        def again(entry: Entry | None, now: datetime) -> tuple[Write, Entry]:
            write = transcribe_again(require(entry), now, self._settings, engine=engine)
            assert write.entry is not None
            return write, write.entry

        entry = self._ports.store.transact(EntryKey(self._uid, entry_id), again)
        self._outbox.try_publish(entry)
        return self.load(entry)

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

    def _transcript(self, entry: Entry) -> Transcript | None:
        if not _has_transcript(entry):
            return None
        return self._ports.store.read(entry.key, entry.revision, Transcript)


def transcript_of(text: str) -> Transcript:
    """The transcript of typed text."""
    return Transcript(text=text, segments=sentences.segments(text))


def _require_segments(changes: Corrections, transcript: Transcript | None) -> None:
    count = len(transcript.segments) if transcript else 0
    if any(item.segment >= count for item in changes.segments):
        raise InvalidRequest(f"the entry has {count} segments, counted from 0", code="unknown_segment")


def _has_transcript(entry: Entry) -> bool:
    """Whether this revision has been transcribed or was typed."""
    return entry.stage(Stage.TRANSCRIPTION).state in (StageState.DONE, StageState.SKIPPED)
