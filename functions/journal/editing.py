"""Edits the text of an entry, in one transaction with the text that it replaces."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from functions.journal.expectations import require
from functions.shared.domain import correcting, editing
from functions.shared.domain.changes import NO_CHANGE, Write
from functions.shared.domain.content import Arc, Transcript
from functions.shared.domain.entries import Entry, EntryKey, Source, Stage, StageState, Status
from functions.shared.errors import Conflict
from functions.shared.ports import EntryStore
from functions.shared.runtime.settings import Settings
from functions.shared.text.retiming import edited_transcript

LoadContent = Callable[[Entry], tuple[Transcript | None, Arc | None]]
_State = tuple[int, StageState, StageState]
_CHARS_PER_S = 25
"""More than anybody says."""


class EditedText(NamedTuple):
    """An entry with its new text. `previous` is the text before, where it decided what is kept."""

    entry: Entry
    transcript: Transcript
    previous: Transcript | None


class _Edit(NamedTuple):
    transcript: Transcript
    previous: Transcript | None = None
    arc: Arc | None = None


def max_chars(entry: Entry, settings: Settings) -> int:
    """How long its text may be: nobody may type as much as is said in an hour, but it can be corrected."""
    duration_s = entry.audio.duration_s if entry.audio and entry.audio.duration_s else 0.0
    return max(settings.max_text_chars, round(duration_s * _CHARS_PER_S))


def edit_text(
    store: EntryStore, key: EntryKey, text: str, settings: Settings, load: LoadContent
) -> EditedText:
    """Replace the text of an entry.

    Raises:
        NotFound: there is no such entry.
        Conflict: `awaiting_audio`, its recording has not arrived yet.
    """
    typed = _Edit(edited_transcript(None, text))
    edits: dict[_State, _Edit] = {}
    """Those that depend on the text so far, by what is known of it."""

    def edit(stored: Entry | None, now: datetime) -> tuple[Write, tuple[Entry, _Edit | None]]:
        entry = require(stored)
        if entry.status is Status.AWAITING_AUDIO:
            raise Conflict("the recording has not arrived yet", code="awaiting_audio")
        change = edits.get(_state(entry)) if _depends_on_text(entry) else typed
        if change is None:
            return NO_CHANGE, (entry, None)
        write = editing.edit(
            entry, change.transcript, now, settings, previous=change.previous, arc=change.arc
        )
        assert write.entry is not None
        return write, (write.entry, change)

    while True:
        entry, change = store.transact(key, edit)
        if change is not None:
            return EditedText(entry, change.transcript, change.previous)
        previous, arc = load(entry)
        edits[_state(entry)] = _Edit(edited_transcript(previous, text), previous, arc)


def _depends_on_text(entry: Entry) -> bool:
    """Whether the text so far decides what is kept: times, points of the arc, corrections."""
    return entry.source is Source.VOICE or correcting.needs_previous_text(entry)


def _state(entry: Entry) -> _State:
    return entry.revision, entry.stage(Stage.TRANSCRIPTION).state, entry.stage(Stage.EMOTION).state
