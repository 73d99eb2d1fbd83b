"""Creates a local entry that waits for one stage: `python waiting_entry.py STAGE FOLDER [RECORDING]`.

Prints the event that the stage is waiting for: {"headers": …, "body": …}. Needs only `functions.shared`, so
that it also runs inside an image.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

from functions.shared.backends.local.backend import LocalBackend
from functions.shared.domain import creation, events
from functions.shared.domain.changes import Write
from functions.shared.domain.content import Arc, Transcript
from functions.shared.domain.entries import Entry, EntryKey, EventType, Stage
from functions.shared.domain.stage_work import EntryFindings, StageInput, StageResult
from functions.shared.pipeline import cloud_events
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.runtime.settings import Settings
from functions.shared.text.sentences import segments

KEY = EntryKey("me", "cold")
UPLOAD_TIMEOUT = timedelta(hours=1)
NOTE = (
    "I was afraid of the exam all week and hardly slept. The night before I called my sister."
    " She told me that nobody would love me less for failing. I passed, and I am so happy and grateful now!"
)
EVENT_TYPES = {
    Stage.TRANSCRIPTION: EventType.UPLOADED,
    Stage.EMOTION: EventType.TRANSCRIBED,
    Stage.SUMMARIZATION: EventType.EMOTIONS_DETECTED,
}


class NoEmotions:
    """An emotion stage without results, so that the next stage is due. Implements StageWork."""

    stage = Stage.EMOTION

    def run(self, job: StageInput) -> StageResult:
        return StageResult(
            engine="none", model_version="0", findings=EntryFindings(emotions=()), pieces=(Arc(),)
        )


def _create_voice_entry(_: Entry | None, now: datetime) -> tuple[Write, Entry]:
    entry = creation.create_voice_entry(KEY, now, wait_for_audio=UPLOAD_TIMEOUT)
    return Write(entry=entry), entry


def _create_text_entry(_: Entry | None, now: datetime) -> tuple[Write, Entry]:
    entry = creation.create_text_entry(KEY, now)
    return Write(entry=entry, pieces=(Transcript(text=NOTE, segments=segments(NOTE)),)), entry


def main(stage: Stage, folder: Path, recording: Path | None) -> None:
    settings = Settings(data_dir=str(folder))
    ports = LocalBackend(settings).ports
    pipeline = Pipeline(ports, settings, {Stage.EMOTION: NoEmotions})
    if recording is not None:
        ports.store.transact(KEY, _create_voice_entry)
        with recording.open("rb") as data:
            audio = ports.audio.put(KEY, data, "audio/wav")
        pipeline.recordings.adopt(KEY, audio)
    else:
        pipeline.outbox.publish(ports.store.transact(KEY, _create_text_entry))
    if stage is Stage.SUMMARIZATION:
        pipeline.handle(events.make_event(EventType.TRANSCRIBED, KEY, 1))
    event = events.make_event(EVENT_TYPES[stage], KEY, 1)
    print(json.dumps({"headers": cloud_events.attributes(event), "body": cloud_events.body(event).decode()}))


if __name__ == "__main__":
    main(Stage(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
