"""Corrections: what a person said replaces what the models found, until it is taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from functions.shared.domain import completion, correcting, creation, editing, leases, lifecycle
from functions.shared.domain.content import Arc, ArcPoint, EmotionScore, LabelScore, Segment, Transcript
from functions.shared.domain.corrections import NO_CORRECTIONS, Corrections, InsightPart, SegmentCorrection
from functions.shared.domain.effective import arc_of, insight_of, labels_of
from functions.shared.domain.entries import Entry, EntryKey, Stage
from functions.shared.domain.insight import Feedback, FeedbackVerdict, Quote, Summary
from functions.shared.domain.labels import EMOTIONS, FEELINGS, TOPICS
from functions.shared.domain.stage_work import EntryFindings, StageResult
from functions.shared.domain.tasks import Task
from functions.shared.errors import Conflict
from functions.shared.runtime.settings import Settings

KEY = EntryKey("ada", "first")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
SETTINGS = Settings()
TEXT = ("I lost my keys.", "A stranger brought them back!", "Then we had tea.")


def scores(*emotions: str) -> tuple[EmotionScore, ...]:
    return tuple(EmotionScore(emotion=emotion, confidence=0.7) for emotion in emotions)


def transcript(*sentences: str) -> Transcript:
    return Transcript(text=" ".join(sentences), segments=tuple(Segment(text=text) for text in sentences))


FINDINGS = EntryFindings(
    emotions=scores("annoyance", "joy"),
    feelings=(LabelScore(label="happy", confidence=0.6),),
    topics=(LabelScore(label="food", confidence=0.6),),
    sentiment=-0.4,
    certain=False,
    summary=Summary(
        text=TEXT[1],
        engine="toy",
        title="Keys",
        quotes=(Quote(text=TEXT[1], segment=1, emotions=scores("surprise")),),
    ),
)
ARC = Arc(
    points=(
        ArcPoint(segment=0, emotions=scores("annoyance"), sentiment=-0.7),
        ArcPoint(segment=1, emotions=scores("surprise"), sentiment=0.1),
        ArcPoint(segment=2, emotions=(), sentiment=0.0),
    )
)
ALL = Corrections(
    emotions=("gratitude", "relief"),
    feelings=("calm",),
    topics=(),
    title="The stranger",
    mood=0.6,
    segments=(SegmentCorrection(segment=1, emotions=("gratitude",)),),
)


def read_by_models(entry: Entry, findings: EntryFindings = FINDINGS) -> Entry:
    """The entry after every stage has set its findings."""
    for stage in (Stage.EMOTION, Stage.SUMMARIZATION):
        task = Task(KEY, entry.revision, stage)
        claimed = leases.claim(entry, task, NOW, "token", SETTINGS)[1].entry
        result = StageResult(engine="toy", model_version="1", findings=findings)
        written = completion.complete(claimed, task, "token", result, NOW, SETTINGS).entry
        assert written is not None
        entry = written
    return entry


@pytest.fixture
def entry() -> Entry:
    return read_by_models(creation.create_text_entry(KEY, NOW))


def names(emotions: tuple[EmotionScore, ...]) -> list[str]:
    return [score.emotion for score in emotions]


def feedback(emotion: str, correction: str | None = None, *, segment: int | None = None) -> Feedback:
    verdict = FeedbackVerdict.DISAGREE if correction is None else FeedbackVerdict.CORRECT
    return Feedback(
        emotion=emotion, verdict=verdict, correction=correction, segment=segment, revision=1, given_at=NOW
    )


def edited(entry: Entry, *sentences: str, before: tuple[str, ...] = TEXT) -> Entry:
    write = editing.edit(entry, transcript(*sentences), LATER, SETTINGS, previous=transcript(*before))
    assert write.entry is not None
    return write.entry


# -- what counts --------------------------------------------------------------------------------


def test_without_corrections_the_insight_is_what_the_models_found(entry: Entry) -> None:
    insight = insight_of(entry)
    assert (insight.emotions, insight.feelings, insight.topics) == (
        entry.emotions,
        entry.feelings,
        entry.topics,
    )
    assert (insight.sentiment, insight.title, insight.summary) == (-0.4, "Keys", entry.summary)
    assert (insight.certain, insight.corrected) == (False, ())
    assert arc_of(entry, ARC) == ARC


def test_corrections_replace_every_part(entry: Entry) -> None:
    insight = insight_of(correcting.correct(entry, ALL, LATER))
    assert names(insight.emotions) == ["gratitude", "relief"]
    assert {score.confidence for score in insight.emotions} == {1.0}
    assert insight.feelings == (LabelScore(label="calm", confidence=1.0),)
    assert (insight.topics, insight.sentiment, insight.title) == ((), 0.6, "The stranger")
    assert insight.summary is not None
    assert insight.summary.title == "The stranger"
    assert insight.certain
    assert insight.corrected == tuple(InsightPart)


def test_corrections_leave_what_the_models_found(entry: Entry) -> None:
    corrected = correcting.correct(entry, ALL, LATER)
    assert replace(corrected, corrections=NO_CORRECTIONS, updated_at=entry.updated_at) == entry


def test_parts_can_be_removed(entry: Entry) -> None:
    removed = correcting.correct(entry, Corrections(emotions=(), title=None, mood=None), LATER)
    insight = insight_of(removed)
    assert (insight.emotions, insight.title, insight.sentiment) == ((), None, None)
    assert msgspec.json.decode(msgspec.json.encode(removed), type=Entry) == removed


def test_a_corrected_sentence_has_its_emotions_in_the_arc_and_in_quotes(entry: Entry) -> None:
    corrected = correcting.correct(entry, ALL, LATER)
    points = arc_of(corrected, ARC).points
    assert [names(point.emotions) for point in points] == [["annoyance"], ["gratitude"], []]
    assert [point.sentiment for point in points] == [-0.7, 1.0, 0.0]
    summary = insight_of(corrected).summary
    assert summary is not None
    assert names(summary.quotes[0].emotions) == ["gratitude"]


def test_an_entry_without_a_summary_can_have_a_title() -> None:
    unread = creation.create_text_entry(KEY, NOW)
    insight = insight_of(correcting.correct(unread, Corrections(title="Keys"), LATER))
    assert (insight.title, insight.summary) == ("Keys", None)


def test_labels_follow_corrections(entry: Entry) -> None:
    assert labels_of(entry) == ("emotion:annoyance", "emotion:joy", "feeling:happy", "topic:food")
    corrected = correcting.correct(entry, ALL, LATER)
    assert labels_of(corrected) == ("emotion:gratitude", "emotion:relief", "feeling:calm")
    deleted = lifecycle.delete(corrected, LATER).entry
    assert deleted is not None
    assert labels_of(deleted) == ()
    assert deleted.corrections == NO_CORRECTIONS


def test_every_emotion_feeling_and_topic_can_be_stated() -> None:
    assert (len(EMOTIONS), len(FEELINGS), len(TOPICS)) == (28, 18, 11)


# -- making and taking back ---------------------------------------------------------------------


def test_later_corrections_leave_the_other_parts(entry: Entry) -> None:
    once = correcting.correct(entry, ALL, NOW)
    more = Corrections(mood=0.1, segments=(SegmentCorrection(segment=0, emotions=("fear",)),))
    insight = insight_of(twice := correcting.correct(once, more, LATER))
    assert (insight.sentiment, insight.title) == (0.1, "The stranger")
    assert [item.segment for item in twice.corrections.segments] == [0, 1]


def test_the_same_corrections_again_change_nothing(entry: Entry) -> None:
    once = correcting.correct(entry, ALL, NOW)
    assert correcting.correct(once, ALL, LATER) == once
    assert correcting.take_back(entry, None, None, LATER) == entry


@pytest.mark.parametrize("part", list(InsightPart))
def test_a_part_that_is_taken_back_shows_what_the_models_found(entry: Entry, part: InsightPart) -> None:
    corrected = correcting.correct(entry, ALL, NOW)
    insight = insight_of(correcting.take_back(corrected, part, None, LATER))
    found, stated = insight_of(entry), insight_of(corrected)
    for other in InsightPart:
        name = "sentiment" if other is InsightPart.MOOD else other
        assert getattr(insight, name) == getattr(found if other is part else stated, name)
    assert part not in insight.corrected


def test_a_sentence_can_be_taken_back_alone_and_everything_at_once(entry: Entry) -> None:
    corrected = correcting.correct(entry, ALL, NOW)
    sentence = correcting.take_back(corrected, None, 1, LATER)
    assert arc_of(sentence, ARC) == ARC
    assert insight_of(sentence).title == "The stranger"
    everything = correcting.take_back(corrected, None, None, LATER)
    assert (insight_of(everything), arc_of(everything, ARC)) == (insight_of(entry), ARC)


def test_a_limited_number_of_sentences_can_be_corrected(entry: Entry) -> None:
    many = (SegmentCorrection(segment=n, emotions=()) for n in range(correcting.MAX_SEGMENTS + 1))
    with pytest.raises(Conflict) as raised:
        correcting.correct(entry, Corrections(segments=tuple(many)), LATER)
    assert raised.value.code == "too_many_corrections"


# -- other models and other texts ---------------------------------------------------------------


def test_corrections_survive_another_reading_of_the_same_text(entry: Entry) -> None:
    corrected = correcting.correct(entry, ALL, NOW)
    newer = replace(FINDINGS, emotions=scores("anger"), sentiment=-1.0, summary=Summary(text="x", engine="y"))
    again = read_by_models(replace(corrected, stages={Stage.TRANSCRIPTION: lifecycle.SKIPPED}), newer)
    assert again.emotions == scores("anger")
    assert names(insight_of(again).emotions) == ["gratitude", "relief"]
    assert (insight_of(again).title, insight_of(again).sentiment) == ("The stranger", 0.6)
    assert names(insight_of(correcting.take_back(again, InsightPart.EMOTIONS, None, LATER)).emotions) == [
        "anger"
    ]


def test_correcting_a_word_keeps_the_corrections_of_the_entry(entry: Entry) -> None:
    corrected = correcting.correct(entry, ALL, NOW)
    fixed = edited(corrected, "I lost my phone.", *TEXT[1:])
    assert fixed.corrections == corrected.corrections
    assert fixed.emotions == ()


def test_another_text_keeps_only_the_title(entry: Entry) -> None:
    corrected = correcting.correct(entry, ALL, NOW)
    rewritten = edited(corrected, "Nothing happened today, and I was bored of everything.")
    assert rewritten.corrections == Corrections(title="The stranger")


def test_an_edit_drops_corrections_of_sentences_that_changed(entry: Entry) -> None:
    stated = Corrections(segments=tuple(SegmentCorrection(segment=n, emotions=("relief",)) for n in range(3)))
    corrected = correcting.correct(entry, stated, NOW)
    moved = edited(corrected, "It rained.", TEXT[0], "A stranger brought all of them back!", TEXT[2])
    assert [item.segment for item in moved.corrections.segments] == [1, 3]


def test_equal_sentences_keep_their_own_corrections(entry: Entry) -> None:
    before = ("Yes.", "Maybe.", "Yes.")
    corrected = correcting.correct(
        entry, Corrections(segments=(SegmentCorrection(segment=2, emotions=("joy",)),)), NOW
    )
    after = edited(corrected, "So.", "Yes.", "Yes.", before=before)
    assert after.corrections.segments == (SegmentCorrection(segment=2, emotions=("joy",)),)


def test_an_edit_needs_the_text_so_far_only_for_what_depends_on_it(entry: Entry) -> None:
    titled = correcting.correct(entry, Corrections(title="Keys!"), NOW)
    assert not correcting.needs_previous_text(entry)
    assert not correcting.needs_previous_text(titled)
    assert correcting.needs_previous_text(correcting.correct(titled, ALL, NOW))
    assert correcting.needs_previous_text(correcting.add_feedback(entry, feedback("joy"), NOW))


# -- feedback -----------------------------------------------------------------------------------


def test_feedback_acts_as_a_correction_in_place(entry: Entry) -> None:
    corrected = correcting.add_feedback(entry, feedback("annoyance", "fear"), NOW)
    insight = insight_of(corrected)
    assert names(insight.emotions) == ["fear", "joy"]
    assert [score.confidence for score in insight.emotions] == [1.0, 0.7]
    assert insight.corrected == (InsightPart.EMOTIONS,)
    disagreed = correcting.add_feedback(corrected, feedback("joy"), NOW)
    assert names(insight_of(disagreed).emotions) == ["fear"]
    assert "emotion:joy" not in labels_of(disagreed)


def test_agreement_changes_nothing(entry: Entry) -> None:
    agreed = replace(feedback("grief"), verdict=FeedbackVerdict.AGREE)
    assert insight_of(correcting.add_feedback(entry, agreed, NOW)) == insight_of(entry)


def test_feedback_on_a_sentence_corrects_the_arc(entry: Entry) -> None:
    corrected = correcting.add_feedback(entry, feedback("surprise", "gratitude", segment=1), NOW)
    assert names(arc_of(corrected, ARC).points[1].emotions) == ["gratitude"]
    assert insight_of(corrected).corrected == ()


def test_corrections_and_feedback_supersede_each_other(entry: Entry) -> None:
    told = correcting.add_feedback(entry, feedback("annoyance", "fear"), NOW)
    stated = correcting.correct(told, Corrections(emotions=("joy", "relief")), NOW)
    assert stated.feedback == ()
    later = correcting.add_feedback(stated, feedback("joy", "pride"), LATER)
    assert names(insight_of(later).emotions) == ["pride", "relief"]
    assert insight_of(correcting.take_back(later, InsightPart.EMOTIONS, None, LATER)) == insight_of(entry)


def test_feedback_follows_an_edit_that_keeps_what_it_is_about(entry: Entry) -> None:
    told = correcting.add_feedback(entry, feedback("annoyance", "fear"), NOW)
    told = correcting.add_feedback(told, feedback("surprise", "relief", segment=1), NOW)
    fixed = edited(told, "It rained.", "I lost my phone.", *TEXT[1:])
    assert [(item.segment, item.revision) for item in fixed.feedback] == [(None, 2), (2, 2)]
    rewritten = edited(told, "Nothing happened today, and I was bored of everything.")
    assert [(item.segment, item.revision) for item in rewritten.feedback] == [(None, 1), (1, 1)]
    assert insight_of(read_by_models(rewritten)).corrected == ()


def test_feedback_replaces_that_on_the_same_emotion_and_no_other(entry: Entry) -> None:
    for item in (agreement("joy"), agreement("joy", 0), agreement("fear")):
        entry = correcting.add_feedback(entry, item, NOW)
    disagreed = replace(agreement("joy"), verdict=FeedbackVerdict.DISAGREE)
    entry = correcting.add_feedback(entry, disagreed, LATER)
    assert entry.feedback == (agreement("joy", 0), agreement("fear"), disagreed)
    assert entry.updated_at == LATER


def test_an_entry_holds_a_limited_amount_of_feedback(entry: Entry) -> None:
    for segment in range(correcting.MAX_FEEDBACK):
        entry = correcting.add_feedback(entry, agreement("joy", segment), NOW)
    with pytest.raises(Conflict) as error:
        correcting.add_feedback(entry, agreement("joy"), NOW)
    assert error.value.code == "too_much_feedback"
    again = correcting.add_feedback(entry, agreement("joy", 0), NOW)
    assert len(again.feedback) == correcting.MAX_FEEDBACK


def agreement(emotion: str, segment: int | None = None) -> Feedback:
    return Feedback(emotion=emotion, verdict=FeedbackVerdict.AGREE, segment=segment, revision=1, given_at=NOW)
