"""A recording through the whole pipeline, waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from functions.journal.integrations.imports import content_id
from functions.journal.journal import Journal
from functions.journal.views.entries import FINAL, EntryView, entry_view
from functions.shared.domain.entries import Entry
from functions.shared.errors import Conflict, TemporaryError

LOOK_EVERY_S = 0.05
PATIENCE_S = 3600.0


def run_demo(journal: Journal, recording: Path, on_change: Callable[[Entry], None]) -> EntryView:
    """Record the file once (anew if its entry was deleted) and answer its insight.

    Raises:
        SamoError: it is no recording SAMO can take, or the insight takes an hour.
    """
    entry = wait_until_final(journal, _recorded(journal, recording).entry_id, on_change)
    return entry_view(entry, *journal.load_content(entry))


def wait_until_final(journal: Journal, entry_id: str, on_change: Callable[[Entry], None]) -> Entry:
    """The entry once nothing changes any more; `on_change` sees every state on the way."""
    deadline = time.monotonic() + PATIENCE_S
    seen = None
    while True:
        entry = journal.get(entry_id)
        if entry != seen:
            on_change(entry)
            seen = entry
        if entry.status in FINAL:
            return entry
        if time.monotonic() > deadline:
            raise TemporaryError("the entry is still being processed")
        time.sleep(LOOK_EVERY_S)


def _recorded(journal: Journal, recording: Path) -> Entry:
    entry_id = content_id(recording)
    try:
        return journal.create_voice_entry(recording, entry_id=entry_id)
    except Conflict as error:
        return (
            journal.create_voice_entry(recording) if error.code == "entry_deleted" else journal.get(entry_id)
        )
