"""How corrections change: made, taken back, and carried over to an edited text.

Pure transitions, like those in `lifecycle`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime

from msgspec import UNSET
from msgspec.structs import replace

from functions.shared.domain.content import Segment, Transcript
from functions.shared.domain.corrections import NO_CORRECTIONS, Corrections, InsightPart, SegmentCorrection
from functions.shared.domain.effective import acts, with_feedback
from functions.shared.domain.entries import Entry
from functions.shared.domain.insight import Feedback
from functions.shared.errors import Conflict

MAX_FEEDBACK = 100
MAX_SEGMENTS = 1000
"""Corrected segments per entry."""
_Said = tuple[str, float | None, float | None]
SAME_ENTRY = 0.8
"""The share of words that two versions of a text have in common if they are the same entry to its writer."""


def correct(entry: Entry, changes: Corrections, now: datetime) -> Entry:
    """Set the parts and segments that `changes` has. Feedback on the same emotions is superseded.

    Raises:
        Conflict: `too_many_corrections`.
    """
    stated = {name: value for name in InsightPart if (value := getattr(changes, name)) is not UNSET}
    segments = {item.segment: item for item in (*entry.corrections.segments, *changes.segments)}
    if len(segments) > MAX_SEGMENTS:
        raise Conflict(f"at most {MAX_SEGMENTS} segments can be corrected", code="too_many_corrections")
    superseded: set[int | None] = {item.segment for item in changes.segments}
    if InsightPart.EMOTIONS in stated:
        superseded.add(None)
    corrections = replace(entry.corrections, **stated, segments=_in_order(segments))
    return _with(entry, corrections, superseded, now)


def take_back(entry: Entry, part: InsightPart | None, segment: int | None, now: datetime) -> Entry:
    """Show again what the models found: of one part, of one segment's emotions, or of everything."""
    if segment is not None:
        left = (item for item in entry.corrections.segments if item.segment != segment)
        return _with(entry, replace(entry.corrections, segments=tuple(left)), {segment}, now)
    if part is not None:
        subjects: set[int | None] = {None} if part is InsightPart.EMOTIONS else set()
        return _with(entry, replace(entry.corrections, **{part: UNSET}), subjects, now)
    return _with(entry, NO_CORRECTIONS, {None, *(item.segment for item in entry.feedback)}, now)


def add_feedback(entry: Entry, feedback: Feedback, now: datetime) -> Entry:
    """Add feedback on an emotion, replacing earlier feedback on the same one.

    Where the person has already said which emotions there are, the feedback changes what they said.

    Raises:
        Conflict: `too_much_feedback`.
    """
    subject = feedback.emotion, feedback.segment
    others = tuple(other for other in entry.feedback if (other.emotion, other.segment) != subject)
    if len(others) >= MAX_FEEDBACK:
        raise Conflict(f"an entry holds at most {MAX_FEEDBACK} items of feedback", code="too_much_feedback")
    entry = replace(entry, feedback=(*others, feedback), updated_at=now)
    return (
        replace(entry, corrections=_revised(entry.corrections, feedback)) if acts(entry, feedback) else entry
    )


def needs_previous_text(entry: Entry) -> bool:
    """Whether the text before an edit decides which of the entry's corrections are kept."""
    without_title = replace(entry.corrections, title=UNSET)
    return without_title != NO_CORRECTIONS or any(item.revision == entry.revision for item in entry.feedback)


def carry_over(entry: Entry, previous: Transcript | None, edited: Transcript, revision: int) -> Entry:
    """Keep the corrections that still hold after an edit, and let their feedback refer to `revision`.

    A title is kept. The entry's other parts are kept if most of its words are; a segment's emotions if its
    text is unchanged. Feedback that no longer holds stays as a record of its revision, without effect.
    """
    if previous is None:
        return replace(entry, corrections=Corrections(title=entry.corrections.title))
    same = _share_of_common_words(previous.text, edited.text) >= SAME_ENTRY
    moved = unchanged_segments(previous, edited)
    corrections = entry.corrections if same else Corrections(title=entry.corrections.title)
    segments = {
        moved[item.segment]: replace(item, segment=moved[item.segment])
        for item in entry.corrections.segments
        if item.segment in moved
    }
    return replace(
        entry,
        corrections=replace(corrections, segments=_in_order(segments)),
        feedback=tuple(_carried(item, entry, moved, revision, same=same) for item in entry.feedback),
    )


def _carried(
    feedback: Feedback, entry: Entry, moved: Mapping[int, int], revision: int, *, same: bool
) -> Feedback:
    if feedback.revision != entry.revision:
        return feedback
    if feedback.segment is None:
        return replace(feedback, revision=revision) if same else feedback
    segment = moved.get(feedback.segment)
    return feedback if segment is None else replace(feedback, segment=segment, revision=revision)


def _with(entry: Entry, corrections: Corrections, subjects: set[int | None], now: datetime) -> Entry:
    """The entry with these corrections, without the feedback that corrected the subjects' emotions.

    The same entry, not updated, if nothing changes.
    """
    feedback = tuple(item for item in entry.feedback if item.segment not in subjects or not acts(entry, item))
    changed = replace(entry, corrections=corrections, feedback=feedback)
    return entry if changed == entry else replace(changed, updated_at=now)


def _revised(corrections: Corrections, feedback: Feedback) -> Corrections:
    """The corrections with the feedback applied to the emotions that they state, if they state them."""
    if feedback.segment is None:
        emotions = corrections.emotions
        if emotions is UNSET:
            return corrections
        return replace(corrections, emotions=with_feedback(emotions, feedback))
    segments = (
        replace(item, emotions=with_feedback(item.emotions, feedback))
        if item.segment == feedback.segment
        else item
        for item in corrections.segments
    )
    return replace(corrections, segments=tuple(segments))


def unchanged_segments(before: Transcript, after: Transcript) -> dict[int, int]:
    """Where each unchanged segment is after an edit: one with the same text, said at the same time.

    Of equal segments, the nth becomes the nth.
    """
    places = defaultdict[_Said, list[int]](list)
    for index, segment in enumerate(after.segments):
        places[_said(segment)].append(index)
    seen = Counter[_Said]()
    moved = {}
    for index, segment in enumerate(before.segments):
        said = _said(segment)
        if seen[said] < len(places.get(said, ())):
            moved[index] = places[said][seen[said]]
        seen[said] += 1
    return moved


def _said(segment: Segment) -> _Said:
    return segment.text, segment.start, segment.end


def _share_of_common_words(one: str, other: str) -> float:
    """Dice coefficient of the words of two texts, 0 to 1."""
    words, others = Counter(one.lower().split()), Counter(other.lower().split())
    total = words.total() + others.total()
    return 2 * (words & others).total() / total if total else 1.0


def _in_order(segments: Mapping[int, SegmentCorrection]) -> tuple[SegmentCorrection, ...]:
    return tuple(segments[index] for index in sorted(segments))
