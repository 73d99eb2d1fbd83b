"""A failed stage tried once more, as `samo dead-letters replay` does."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.shared.domain import events
from functions.shared.domain.entries import Entry, EntryKey, Event, EventType, Stage, StageState, Status
from functions.shared.domain.stage_work import StageInput
from functions.shared.errors import PermanentError
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.runtime.settings import Settings
from tests.support import fake_stages
from tests.support.laptop import Client, Clock, Laptop, settle

SETTINGS = Settings()
EVENT_OF = {
    Stage.TRANSCRIPTION: EventType.UPLOADED,
    Stage.EMOTION: EventType.TRANSCRIBED,
    Stage.SUMMARIZATION: EventType.EMOTIONS_DETECTED,
}


class Journal:
    """A laptop on which one stage cannot succeed until `mended`."""

    def __init__(self, folder: Path, broken: Stage) -> None:
        self._broken: Stage | None = broken
        self._clock = Clock()
        self.laptop = Laptop(folder, self._clock)
        self.client = Client(self.laptop.ports, SETTINGS)
        self.pipeline = Pipeline(self.laptop.ports, SETTINGS, fake_stages.fake_stages(self._before))

    def _before(self, stage: Stage, _: StageInput) -> None:
        if stage is self._broken:
            raise PermanentError("it cannot be", code="broken")

    def mend(self) -> None:
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


@pytest.mark.parametrize("said", ["short", "long:3"])
@pytest.mark.parametrize("broken", Stage)
def test_a_failed_stage_and_what_follows_from_it_are_done_after_all(
    tmp_path: Path, broken: Stage, said: str
) -> None:
    journal = Journal(tmp_path, broken)
    key = journal.client.record("e", said)
    journal.settle()
    assert journal.entry(key).stage(broken).state is StageState.FAILED

    journal.mend()
    assert journal.pipeline.revive(event(broken, key))
    journal.settle()

    entry = journal.entry(key)
    assert entry.status is Status.READY
    assert all(entry.stage(stage).state is StageState.DONE for stage in Stage)
    assert entry.stage(broken).attempt == 1
    assert entry.summary is not None


def test_a_chunk_that_failed_is_done_after_all(tmp_path: Path) -> None:
    journal = Journal(tmp_path, Stage.TRANSCRIPTION)
    key = journal.client.record("e", "long:3")
    journal.mend()
    planned = journal.laptop.bus.receive()
    assert planned is not None
    journal.pipeline.handle(planned.event)
    journal.laptop.bus.acknowledge(planned)
    journal._broken = Stage.TRANSCRIPTION
    journal.settle()
    journal.mend()

    assert journal.pipeline.revive(event(Stage.TRANSCRIPTION, key, chunk=0))
    journal.settle()
    assert journal.entry(key).status is Status.READY


def test_what_has_not_failed_is_left_alone(tmp_path: Path) -> None:
    journal = Journal(tmp_path, Stage.EMOTION)
    journal.mend()
    key = journal.client.record("e", "words")
    journal.settle()
    before = journal.entry(key)

    assert not any(journal.pipeline.revive(event(stage, key)) for stage in Stage)
    assert journal.entry(key) == before


def test_an_old_revision_a_deleted_or_unknown_entry_is_left_alone(tmp_path: Path) -> None:
    journal = Journal(tmp_path, Stage.EMOTION)
    key = journal.client.record("e", "words")
    journal.settle()
    journal.mend()
    journal.client.edit(key, "other words")
    journal.settle()
    assert not journal.pipeline.revive(event(Stage.EMOTION, key, revision=1))

    journal.client.delete(key)
    assert not journal.pipeline.revive(event(Stage.EMOTION, key, revision=2))
    assert not journal.pipeline.revive(event(Stage.EMOTION, EntryKey("ada", "unknown")))
    assert not journal.pipeline.revive(events.make_event(EventType.SUMMARIZED, key, 2))
