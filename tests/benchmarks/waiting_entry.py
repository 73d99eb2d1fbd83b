"""An entry that waits for one stage, in a local journal: `python waiting_entry.py STAGE FOLDER [RECORDING]`.

Prints the event that the stage is waiting for: {"headers": …, "body": …}. Needs `functions.shared` only, so
that it also runs inside an image.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path

from functions.shared.backends.local.backend import LocalBackend
from functions.shared.domain import events, lifecycle
from functions.shared.domain.content import Arc, Transcript
from functions.shared.domain.entries import EntryKey, EventType, Stage
from functions.shared.domain.stage_work import EntryFindings, StageInput, StageResult
from functions.shared.pipeline import cloud_events
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.runtime.settings import Settings
from functions.shared.text.sentences import segments

KEY = EntryKey("me", "cold")
PATIENCE = timedelta(hours=1)
NOTE = (
    "I was afraid of the exam all week and hardly slept. The night before I called my sister."
    " She told me that nobody would love me less for failing. I passed, and I am so happy and grateful now!"
)
ASKED_FOR = {
    Stage.TRANSCRIPTION: EventType.UPLOADED,
    Stage.EMOTION: EventType.TRANSCRIBED,
    Stage.SUMMARIZATION: EventType.EMOTIONS_DETECTED,
}


class NoEmotions:
    """An emotion stage that finds nothing, so that the next one is due. Implements StageWork."""

    stage = Stage.EMOTION

    def run(self, job: StageInput) -> StageResult:
        return StageResult(
            engine="none", model_version="0", findings=EntryFindings(emotions=()), pieces=(Arc(),)
        )


def main(stage: Stage, folder: Path, recording: Path | None) -> None:
    settings = Settings(data_dir=str(folder))
    ports = LocalBackend(settings).ports
    pipeline = Pipeline(ports, settings, {Stage.EMOTION: NoEmotions})
    if recording is not None:
        ports.store.transact(
            KEY, lambda _, now: (lifecycle.create_voice_entry(KEY, now, None, None, PATIENCE), None)
        )
        with recording.open("rb") as data:
            ports.audio.put(KEY, data, "audio/wav")
        pipeline.adopt_audio(KEY)
    else:
        words = Transcript(text=NOTE, segments=segments(NOTE))
        ports.store.transact(
            KEY, lambda _, now: (lifecycle.create_text_entry(KEY, words, now, None, None), None)
        )
        pipeline.publish_pending(KEY)
    if stage is Stage.SUMMARIZATION:
        pipeline.handle(events.make_event(EventType.TRANSCRIBED, KEY, 1))
    event = events.make_event(ASKED_FOR[stage], KEY, 1)
    print(json.dumps({"headers": cloud_events.attributes(event), "body": cloud_events.body(event).decode()}))


if __name__ == "__main__":
    main(Stage(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
