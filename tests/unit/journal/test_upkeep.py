"""What the journal does by itself: retention, account deletion and batch jobs, on a clock that tests move."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from functions.journal import assembly
from functions.journal.assembly import Assembly
from functions.journal.jobs.batch_transcription import BatchTranscription
from functions.journal.jobs.jobs import RESULT_TTL, Jobs
from functions.journal.journal import journals
from functions.shared.access.accounts import deleted_account_address
from functions.shared.domain.entries import EntryKey
from functions.shared.domain.records import Account, Address, DeletedAccount
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.ports import EntryPage
from functions.shared.runtime.settings import Settings
from functions.shared.web.uploads import UploadedFile
from tests.support import fake_stages
from tests.support.api import wav
from tests.support.laptop import Client, Clock, Laptop, settle

UID = "ada"
GRACE = assembly.LOCAL_GRACE.total_seconds()
DAY_S = 24 * 3600
SETTINGS = Settings(audio_retention="kept")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def laptop(tmp_path: Path, clock: Clock) -> Laptop:
    return Laptop(tmp_path, clock)


@pytest.fixture
def client(laptop: Laptop) -> Client:
    return Client(laptop.ports, SETTINGS, UID)


@pytest.fixture
def journal(laptop: Laptop) -> Assembly:
    return Assembly(laptop.ports, SETTINGS)


def entries(laptop: Laptop) -> int:
    """How many entries the user can see."""
    return len(laptop.store.list_entries(UID, limit=100).entries)


# -- retention ----------------------------------------------------------------------------------------


def test_entries_expire_again_and_again(
    laptop: Laptop, clock: Clock, client: Client, journal: Assembly
) -> None:
    keep_entries_for_a_day(laptop, clock, UID)
    for number in range(3):
        client.write(f"e{number}", "words")
        journal.chores()
        assert entries(laptop) == 1, "not yet"
        clock.advance(2 * DAY_S)
        journal.chores()
        assert entries(laptop) == 0
        assert journal.chores() == 0, "nothing is due again at once"


def test_one_account_whose_entries_cannot_be_expired_does_not_hold_up_others(
    laptop: Laptop, clock: Clock, client: Client, journal: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_entries = laptop.store.list_entries

    def failing(uid: str, **options: Any) -> EntryPage:
        if uid == "aaron":
            raise OSError("a broken disk")
        return list_entries(uid, **options)

    for uid in ("aaron", UID):
        keep_entries_for_a_day(laptop, clock, uid)
        Client(laptop.ports, SETTINGS, uid).write("e", "words")
    monkeypatch.setattr(laptop.store, "list_entries", failing)
    clock.advance(2 * DAY_S)
    journal.chores()
    assert entries(laptop) == 0


def test_an_entry_deleted_by_its_user_meanwhile_does_not_stop_the_others_from_expiring(
    laptop: Laptop, clock: Clock, client: Client, journal: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_entries_for_a_day(laptop, clock, UID)
    keys = [client.write(name, "words") for name in ("e1", "e2", "e3")]
    clock.advance(2 * DAY_S)
    list_entries = laptop.store.list_entries

    def list_then_delete(uid: str, **options: Any) -> EntryPage:
        page = list_entries(uid, **options)
        for entry in page.entries[:1]:
            journals(laptop.ports, SETTINGS)(UID).delete(entry.entry_id)
        return page

    monkeypatch.setattr(laptop.store, "list_entries", list_then_delete)
    journal.chores()
    monkeypatch.undo()
    assert len(keys) == 3
    assert entries(laptop) == 0


def keep_entries_for_a_day(laptop: Laptop, clock: Clock, uid: str) -> None:
    account = Account(
        record_id=uid, created_at=clock.now, updated_at=clock.now, wake_at=clock.now, retention_days=1
    )
    laptop.records.transact(Address(Account, uid), lambda _, now: (account, None))


# -- account deletion ---------------------------------------------------------------------------------


def tombstone(laptop: Laptop, uid: str = UID) -> DeletedAccount:
    stored = laptop.records.get(deleted_account_address(uid))
    assert stored is not None
    return stored


def deleting(laptop: Laptop, uid: str = UID) -> bool:
    """Whether the deletion is still under way: its tombstone names the user until it is done."""
    return bool(tombstone(laptop, uid).uid)


def test_a_request_under_way_while_an_account_is_deleted_leaves_nothing(
    laptop: Laptop, clock: Clock, client: Client, journal: Assembly
) -> None:
    journal.account_deletion.begin(UID)
    journal.chores()
    assert deleting(laptop), "a request that was let in before may still write"
    clock.advance(GRACE - 1)
    journal.chores()
    client.write("late", "words")
    assert deleting(laptop)
    for _ in range(3):
        clock.advance(GRACE)
        journal.chores()
    assert not deleting(laptop)
    assert laptop.store.list_keys(UID, 10) == []


def test_a_deletion_that_fails_does_not_hold_up_others(
    laptop: Laptop, clock: Clock, journal: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget = laptop.audio.delete_all

    def failing(uid: str) -> int:
        if uid == "aaron":
            raise OSError("a broken disk")
        return forget(uid)

    monkeypatch.setattr(laptop.audio, "delete_all", failing)
    for uid in ("aaron", UID):
        journal.account_deletion.begin(uid)
    for _ in range(3):
        journal.chores()
        clock.advance(GRACE)
    assert not deleting(laptop)
    assert deleting(laptop, "aaron"), "it is tried again"


def test_a_deletion_wakes_the_worker(laptop: Laptop) -> None:
    calls: list[str] = []
    Assembly(laptop.ports, SETTINGS, wake=lambda: calls.append("woken")).account_deletion.begin(UID)
    assert calls == ["woken"]


def test_a_deletion_ends_once_its_grace_is_over(laptop: Laptop, clock: Clock, journal: Assembly) -> None:
    journal.account_deletion.begin(UID)
    for _ in range(2):
        journal.chores()
        clock.advance(GRACE)
    journal.chores()
    assert not deleting(laptop)


def test_a_deletion_that_finds_nothing_is_next_due_when_its_grace_ends(
    laptop: Laptop, clock: Clock, journal: Assembly
) -> None:
    journal.account_deletion.begin(UID)
    began = clock.now
    clock.advance(1)
    journal.chores()
    assert tombstone(laptop).wake_at == began + assembly.LOCAL_GRACE


def test_a_deletion_that_finds_something_is_due_again_soon(
    laptop: Laptop, clock: Clock, client: Client, journal: Assembly
) -> None:
    client.write("e", "words")
    journal.account_deletion.begin(UID)
    clock.advance(GRACE - 1)
    journal.chores()
    later = tombstone(laptop).wake_at
    assert later is not None
    assert clock.now < later <= clock.now + assembly.LOCAL_GRACE


def test_as_many_recordings_as_exports_are_not_nothing(
    laptop: Laptop, clock: Clock, journal: Assembly
) -> None:
    journal.account_deletion.begin(UID)
    journal.chores()
    clock.advance(GRACE)
    for store in (laptop.audio, laptop.exports):
        store.put(EntryKey(UID, "late"), BytesIO(b"RIFF"), "audio/wav")
    journal.chores()
    assert deleting(laptop), "what was written late may not be the last"


def test_a_deletion_that_another_process_completed_stays_complete(
    laptop: Laptop, clock: Clock, journal: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.account_deletion.begin(UID)
    stale = laptop.records.list_due(DeletedAccount, 10)
    for _ in range(3):
        journal.chores()
        clock.advance(GRACE)
    complete = tombstone(laptop)
    assert not complete.uid
    monkeypatch.setattr(laptop.records, "list_due", lambda kind, _: stale if kind is DeletedAccount else [])
    journal.account_deletion.run_due()
    assert tombstone(laptop) == complete


# -- batches ------------------------------------------------------------------------------------------


def test_recordings_of_a_batch_are_not_kept_whatever_the_retention(
    laptop: Laptop, clock: Clock, tmp_path: Path, journal: Assembly
) -> None:
    batches = BatchTranscription(Jobs(laptop.records), journals(laptop.ports, SETTINGS), SETTINGS)
    recording = tmp_path / "recording.wav"
    recording.write_bytes(wav(rate=8192))  # whose header is valid UTF-8, as the fake stage reads text
    job = batches.begin(UID, [UploadedFile("a.wav", recording), UploadedFile("b.wav", recording)])
    assert len(recordings(laptop)) == 2
    settle(laptop, Pipeline(laptop.ports, SETTINGS, fake_stages.fake_stages()), clock)
    journal.chores()
    transcribed = batches.result(job).recordings
    assert [recording.name for recording in transcribed if recording.text] == ["a.wav", "b.wav"]
    assert recordings(laptop) == []
    clock.advance(RESULT_TTL.total_seconds())
    journal.chores()
    assert entries_of_batches(laptop) == []


def recordings(laptop: Laptop) -> list[Path]:
    return list(laptop.folder.joinpath("audio").rglob("recording"))


def entries_of_batches(laptop: Laptop) -> list[str]:
    stored = [laptop.store.get(key) for key in laptop.store.list_keys(UID, 10)]
    return [entry.key.entry_id for entry in stored if entry is not None and entry.deleted_at is None]
