"""Corrections as training data, of the users who agreed to that.

An example has the sentences of an entry and what its user said of them, and nothing that tells whose it is or
when it was written. The text itself may still name people. Nothing is stored: an example is only in exports
made while its user agrees and its entry exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import SystemRandom

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from functions.shared.access.accounts import Accounts
from functions.shared.domain.content import Arc, Transcript
from functions.shared.domain.corrections import Corrections, InsightPart, SegmentCorrection
from functions.shared.domain.effective import arc_of, corrected_segments, insight_of
from functions.shared.domain.entries import Entry
from functions.shared.domain.records import Account
from functions.shared.domain.understood import Understood
from functions.shared.observability import logs
from functions.shared.ports import Ports
from functions.shared.text.sentences import segments

_PAGE_SIZE = 100


class TrainingExample(msgspec.Struct, frozen=True, kw_only=True):
    """The sentences of one entry, and what its user said of them. Parts not corrected are left out."""

    sentences: tuple[str, ...]
    corrections: Corrections


def training_examples(ports: Ports) -> list[TrainingExample]:
    """The examples of all users who agreed, in random order; raises TemporaryError."""
    accounts = Accounts(ports.records)
    examples = [
        example
        for account in ports.records.list_all(Account)
        if account.share_corrections and not accounts.is_deleted(account.record_id)
        for example in _examples_of(ports, account.record_id)
    ]
    SystemRandom().shuffle(examples)
    return examples


def _examples_of(ports: Ports, uid: str) -> Iterator[TrainingExample]:
    logs.audit("read", uid, "corrections")
    cursor = None
    while True:
        page = ports.store.list_entries(uid, limit=_PAGE_SIZE, cursor=cursor)
        for entry in page.entries:
            if insight_of(entry).corrected or corrected_segments(entry):
                yield from _example_of(ports, entry)
        if (cursor := page.next_cursor) is None:
            return


def _example_of(ports: Ports, entry: Entry) -> Iterator[TrainingExample]:
    """The entry's example, unless it has no text or was edited or deleted in the meantime."""
    transcript = ports.store.read(entry.key, entry.revision, Transcript)
    if transcript is None:
        return
    arc = ports.store.read(entry.key, entry.revision, Arc) or Arc()
    understood = Understood(transcript.segments or segments(transcript.text))
    yield TrainingExample(
        sentences=tuple(segment.text for segment in understood.segments),
        corrections=understood.corrections(_corrections(entry, arc)),
    )


def _corrections(entry: Entry, arc: Arc) -> Corrections:
    """The entry's corrections together with those that its feedback makes."""
    insight, corrected = insight_of(entry), corrected_segments(entry)
    segments = {item.segment: item for item in entry.corrections.segments}
    for point in arc_of(entry, arc).points:
        if point.segment in corrected:
            emotions = tuple(score.emotion for score in point.emotions)
            segments[point.segment] = SegmentCorrection(segment=point.segment, emotions=emotions)
    emotions = tuple(score.emotion for score in insight.emotions)
    return replace(
        entry.corrections,
        emotions=emotions if InsightPart.EMOTIONS in insight.corrected else UNSET,
        segments=tuple(segments[index] for index in sorted(segments)),
    )
