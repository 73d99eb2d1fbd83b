"""Demonstrates SAMO on a diary note and a recording, in a journal of its own that is deleted afterwards."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from functions.journal.journal import Journal
from functions.journal.views.entries import FINAL, EntryView, entry_view
from functions.laptop.process import LocalProcess
from functions.shared.domain.entries import Entry
from functions.shared.errors import TemporaryError
from functions.shared.runtime.settings import Settings

POLL_INTERVAL_S = 0.05
TIMEOUT_S = 3600.0

OnChange = Callable[[Entry], None]

DEMO_NOTE = """\
I nearly called in sick this morning. Noor had her hearing test today, and I had been awake since four, \
going through every bad answer the doctor could give us. In the waiting room she built a tower out of \
leaflets. My hands were shaking and I was so scared for her. Then the audiologist came out smiling. It's \
only glue ear, she said, nothing permanent, they see it every week. I was so relieved that I cried in \
front of everyone, and Noor patted my knee and told me to blow my nose.

We got chips on the pier afterwards and laughed at a seagull that stole one straight out of my hand. On \
the bus home I rang Mum to tell her. It rang and rang, and only then did I remember. It's been five \
months, and I still miss her so much on days like this. Noor fell asleep on my shoulder, humming. She \
could hear every note of it. I'm so grateful for today.
"""


@contextmanager
def demo_process(settings: Settings) -> Iterator[LocalProcess]:
    """A process with an empty journal, which is deleted at the end. The user's own journal is not touched."""
    with (
        tempfile.TemporaryDirectory(prefix="samo-demo-") as folder,
        LocalProcess(replace(settings, data_dir=folder, consent_version="")) as process,
    ):
        yield process


def run_demo(journal: Journal, source: Path | str, on_change: OnChange) -> EntryView:
    """Add a recording or a text to the journal, and return its entry when it is final.

    Raises:
        InvalidRequest: the file is not a recording SAMO supports.
        TemporaryError: the entry is not final after `TIMEOUT_S`.
    """
    if isinstance(source, Path):
        entry_id = journal.create_voice_entry(source).entry_id
    else:
        entry_id = journal.create_text_entry(source).entry.entry_id
    return entry_view(*journal.load(wait_until_final(journal, entry_id, on_change)))


def wait_until_final(journal: Journal, entry_id: str, on_change: OnChange) -> Entry:
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
