"""What an edit of a spoken entry keeps: points of the arc, corrections, and what its recording lacks."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec.structs import replace

from functions.shared.domain import correcting, editing
from functions.shared.domain.changes import Write
from functions.shared.domain.content import (
    Arc,
    ArcPoint,
    EmotionScore,
    LeftOut,
    PartialReason,
    Segment,
    Transcript,
)
from functions.shared.domain.corrections import Corrections, SegmentCorrection
from functions.shared.domain.entries import Entry, Source, Stage, StageRecord, StageState, Status
from functions.shared.runtime.settings import Settings

NOW = datetime(2026, 11, 30, tzinfo=UTC)
READ = StageRecord(state=StageState.DONE, engine="reader", model_version="3")
ENTRY = Entry(
    uid="ada",
    entry_id="e",
    source=Source.VOICE,
    status=Status.READY,
    created_at=NOW,
    recorded_at=NOW,
    updated_at=NOW,
    stages={Stage.TRANSCRIPTION: StageRecord(state=StageState.DONE), Stage.EMOTION: READ},
    partial_audio=True,
    partial_reason=PartialReason.ENDS_EARLY,
    left_out=True,
    dictated="digest",
)


def transcript(*segments: Segment) -> Transcript:
    return Transcript(text=" ".join(segment.text for segment in segments), segments=segments)


NO, AGAIN = Segment(text="No.", start=0.0, end=1.0), Segment(text="No.", start=2.0, end=3.0)
LEFT = Segment(text="[unclear]", start=4.0, end=5.0, left_out=LeftOut.UNCLEAR)
SAD = Segment(text="I was sad.", start=6.0, end=7.0)
BEFORE = transcript(NO, AGAIN, LEFT, SAD)
ARC = Arc(
    points=tuple(
        ArcPoint(
            segment=index, emotions=(EmotionScore(emotion=emotion, confidence=0.7),), sentiment=0.1 * index
        )
        for index, emotion in ((0, "anger"), (1, "fear"), (3, "sadness"))
    )
)


def edited(after: Transcript, entry: Entry = ENTRY, arc: Arc | None = ARC) -> Write:
    return editing.edit(entry, after, NOW, Settings(), previous=BEFORE, arc=arc)


def entry_of(write: Write) -> Entry:
    assert write.entry is not None
    return write.entry


def test_points_of_the_arc_move_with_the_sentences_that_did_not_change() -> None:
    after = transcript(AGAIN, LEFT, Segment(text="I was mad.", start=6.0, end=7.0))
    write = edited(after)
    assert write.pieces == (after, Arc(points=(replace(ARC.points[1], segment=0),)))
    record = entry_of(write).stage(Stage.EMOTION)
    assert record == StageRecord(engine="reader", model_version="3")


def test_a_text_without_times_keeps_no_points() -> None:
    typed = transcript(Segment(text="No."), Segment(text="I was sad."))
    write = edited(typed)
    assert write.pieces == (typed,)
    assert Stage.EMOTION not in entry_of(write).stages


def test_corrections_stay_with_the_sentence_that_was_said_then() -> None:
    stated = Corrections(segments=(SegmentCorrection(segment=1, emotions=("grief",)),))
    corrected = correcting.correct(ENTRY, stated, NOW)
    entry = entry_of(edited(transcript(AGAIN, LEFT, SAD), corrected))
    assert entry.corrections.segments == (SegmentCorrection(segment=0, emotions=("grief",)),)
    assert entry_of(edited(transcript(NO, LEFT, SAD), corrected)).corrections.segments == ()


def test_what_the_recording_and_the_text_lack_is_still_said() -> None:
    entry = entry_of(edited(transcript(NO, LEFT, SAD)))
    assert (entry.partial_audio, entry.partial_reason) == (True, PartialReason.ENDS_EARLY)
    assert entry.left_out
    assert entry.dictated is None


def test_once_the_user_has_written_what_was_left_out_nothing_is() -> None:
    entry = entry_of(edited(transcript(NO, Segment(text="Bonjour.", start=4.0, end=5.0), SAD)))
    assert not entry.left_out


def test_text_in_place_of_the_recording_lacks_nothing_of_it() -> None:
    entry = entry_of(edited(transcript(Segment(text="Typed."))))
    assert (entry.partial_audio, entry.partial_reason, entry.left_out) == (False, None, False)
