"""Reading an entry while it is edited."""

from __future__ import annotations

from pathlib import Path

from functions.journal.existing_entries import LoadedEntry
from functions.journal.journal import Journal
from functions.shared.backends.local.backend import LocalBackend
from functions.shared.runtime.settings import Settings


def journal_in(folder: Path) -> Journal:
    settings = Settings(data_dir=str(folder))
    return Journal(LocalBackend(settings).ports, settings, "ada")


def test_transcript_and_entry_have_the_same_revision_despite_a_concurrent_edit(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    stale = journal.create_text_entry("the first words").entry
    journal.edit(stale.entry_id, "the second words")

    entry, transcript, *_ = journal.load(stale)

    assert entry.revision == 2
    assert transcript is not None
    assert transcript.text == "the second words"


def test_an_edit_returns_its_own_revision(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    entry = journal.create_text_entry("first").entry

    assert [journal.edit(entry.entry_id, f"words {n}").entry.revision for n in range(3)] == [2, 3, 4]


def test_an_entry_without_its_recording_has_no_transcript(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    entry = journal.create_upload(5, "audio/wav")

    assert journal.load(entry) == LoadedEntry(entry)
