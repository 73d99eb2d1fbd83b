"""Reviving failed stages, as `samo dead-letters replay` does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from functions.shared.domain import completion, creation, events
from functions.shared.domain.entries import Entry, EntryKey, Event, EventType, Stage, StageState, Status
from functions.shared.domain.stage_work import StageInput
from functions.shared.errors import PermanentError
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.runtime.settings import Settings
from tests.support import fake_stages
from tests.support.laptop import Client, Clock, Laptop, settle

SETTINGS = Settings()
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVENT_OF = {
    Stage.TRANSCRIPTION: EventType.UPLOADED,
    Stage.EMOTION: EventType.TRANSCRIBED,
    Stage.SUMMARIZATION: EventType.EMOTIONS_DETECTED,
}


class Journal:
    """A local journal in which one stage fails until `fix` is called."""

    def __init__(self, folder: Path, broken: Stage) -> None:
        self._broken: Stage | None = broken
        self._clock = Clock()
        self.laptop = Laptop(folder, self._clock)
        self.client = Client(self.laptop.ports, SETTINGS)
        self.pipeline = Pipeline(self.laptop.ports, SETTINGS, fake_stages.fake_stages(self._before))

    def _before(self, stage: Stage, _: StageInput) -> None:
        if stage is self._broken:
            raise PermanentError("this stage fails", code="broken")

    def fix(self) -> None:
        self._broken = None

    def settle(self) -> None:
        settle(self.laptop, self.pipeline, self._clock)

    def entry(self, key: EntryKey) -> Entry:
        entry = self.laptop.store.get(key)
        assert entry is not None
        return entry


def event(stage: Stage, key: EntryKey, chunk: int | None = None, revision: int = 1) -> Event:
    type_ = EventType.CHUNK_PLANNED if chunk is not None else EVENT_OF[stage]
    return events.make_event(type_, key, revision, chunk)


@pytest.mark.parametrize("recording", ["short", "long:3"])
@pytest.mark.parametrize("broken", Stage)
def test_reviving_a_failed_stage_completes_it_and_the_later_stages(
    tmp_path: Path, broken: Stage, recording: str
) -> None:
    journal = Journal(tmp_path, broken)
    key = journal.client.record("e", recording)
    journal.settle()
    assert journal.entry(key).stage(broken).state is StageState.FAILED

    journal.fix()
    assert journal.pipeline.revive(event(broken, key))
    journal.settle()

    entry = journal.entry(key)
    assert entry.status is Status.READY
    assert all(entry.stage(stage).state is StageState.DONE for stage in Stage)
    assert entry.stage(broken).attempt == 1
    assert entry.summary is not None


def test_reviving_completes_a_failed_chunk(tmp_path: Path) -> None:
    journal = Journal(tmp_path, Stage.TRANSCRIPTION)
    key = journal.client.record("e", "long:3")
    journal.fix()
    planned = journal.laptop.bus.receive()
    assert planned is not None
    journal.pipeline.handle(planned.event)
    journal.laptop.bus.acknowledge(planned)
    journal._broken = Stage.TRANSCRIPTION
    journal.settle()
    journal.fix()

    assert journal.pipeline.revive(event(Stage.TRANSCRIPTION, key, chunk=0))
    journal.settle()
    assert journal.entry(key).status is Status.READY


def test_a_stage_that_has_not_failed_is_not_revived(tmp_path: Path) -> None:
    journal = Journal(tmp_path, Stage.EMOTION)
    journal.fix()
    key = journal.client.record("e", "words")
    journal.settle()
    before = journal.entry(key)

    assert not any(journal.pipeline.revive(event(stage, key)) for stage in Stage)
    assert journal.entry(key) == before


def test_old_revisions_and_deleted_or_unknown_entries_are_not_revived(tmp_path: Path) -> None:
    journal = Journal(tmp_path, Stage.EMOTION)
    key = journal.client.record("e", "words")
    journal.settle()
    journal.fix()
    journal.client.edit(key, "other words")
    journal.settle()
    assert not journal.pipeline.revive(event(Stage.EMOTION, key, revision=1))

    journal.client.delete(key)
    assert not journal.pipeline.revive(event(Stage.EMOTION, key, revision=2))
    assert journal.entry(key).deleted_at is not None
    assert not journal.pipeline.revive(event(Stage.EMOTION, EntryKey("ada", "unknown")))
    assert not journal.pipeline.revive(events.make_event(EventType.SUMMARIZED, key, 2))


def test_an_event_of_an_old_revision_does_not_revive_the_failed_stage_of_a_new_one(tmp_path: Path) -> None:
    journal = Journal(tmp_path, Stage.EMOTION)
    key = journal.client.write("e", "words")
    journal.client.edit(key, "other words")
    journal.settle()
    assert journal.entry(key).stage(Stage.EMOTION).state is StageState.FAILED
    assert not journal.pipeline.revive(event(Stage.EMOTION, key, revision=1))
    assert journal.pipeline.revive(event(Stage.EMOTION, key, revision=2))


def test_transcription_is_not_revived_without_a_recording() -> None:
    waiting = creation.create_voice_entry(EntryKey("ada", "e"), NOW, wait_for_audio=timedelta(hours=1))
    failed = completion.fail_missing_audio(waiting, NOW, SETTINGS)
    assert completion.revive(failed, event(Stage.TRANSCRIPTION, waiting.key), NOW, SETTINGS) is None
