"""Processes one recording and waits for its insight."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from functions.journal.integrations.imports import content_id
from functions.journal.journal import Journal
from functions.journal.views.entries import FINAL, EntryView, entry_view
from functions.shared.domain.entries import Entry
from functions.shared.errors import Conflict, TemporaryError

POLL_INTERVAL_S = 0.05
TIMEOUT_S = 3600.0


def run_demo(journal: Journal, recording: Path, on_change: Callable[[Entry], None]) -> EntryView:
    """Add the recording to the journal, unless it is already there, and return its entry when it is final.

    Raises:
        InvalidRequest: the file is not a recording SAMO supports.
        TemporaryError: the entry is not final after `TIMEOUT_S`.
    """
    entry = wait_until_final(journal, _record(journal, recording).entry_id, on_change)
    return entry_view(*journal.load(entry))


def wait_until_final(journal: Journal, entry_id: str, on_change: Callable[[Entry], None]) -> Entry:
    """Wait until the entry's status is final; `on_change` receives every state that was observed.

    Raises:
        NotFound: there is no such entry, or it was deleted.
        TemporaryError: the entry is not final after `TIMEOUT_S`.
    """
    deadline = time.monotonic() + TIMEOUT_S
    previous = None
    while True:
        entry = journal.get(entry_id)
        if entry != previous:
            on_change(entry)
            previous = entry
        if entry.status in FINAL:
            return entry
        if time.monotonic() > deadline:
            raise TemporaryError("the entry is still being processed")
        time.sleep(POLL_INTERVAL_S)


def _record(journal: Journal, recording: Path) -> Entry:
    """The recording's entry: the existing one, or a new one if there is none or it was deleted."""
    entry_id = content_id(recording)
    try:
        return journal.create_voice_entry(recording, entry_id=entry_id)
    except Conflict as error:
        return (
            journal.create_voice_entry(recording) if error.code == "entry_deleted" else journal.get(entry_id)
        )
