"""Reading while somebody edits."""

from __future__ import annotations

from pathlib import Path

from functions.journal.journal import Journal
from functions.shared.backends.local.backend import LocalBackend
from functions.shared.runtime.settings import Settings


def journal_in(folder: Path) -> Journal:
    settings = Settings(data_dir=str(folder))
    return Journal(LocalBackend(settings).ports, settings, "ada")


def test_words_and_entry_are_of_one_revision_though_an_edit_came_between(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    looked_at = journal.create_text_entry("the first words")
    journal.edit(looked_at.entry_id, "the second words")

    entry, transcript, _ = journal.load(looked_at)

    assert entry.revision == 2
    assert transcript is not None
    assert transcript.text == "the second words"


def test_an_edit_answers_with_its_own_revision(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    entry = journal.create_text_entry("first")

    assert [journal.edit(entry.entry_id, f"words {n}").revision for n in range(3)] == [2, 3, 4]


def test_an_entry_that_waits_for_its_recording_has_no_words(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    entry = journal.create_upload(5, "audio/wav")

    assert journal.load(entry) == (entry, None, None)
