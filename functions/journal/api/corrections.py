"""Corrections: what the user says of an entry in place of what the models found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from functions.journal.api.entries import ENTRY_PATH, NOT_FOUND
from functions.journal.api.list_filter import Label
from functions.journal.existing_entries import LoadedEntry
from functions.journal.expectations import EntryChanged, IsExpected
from functions.journal.journal import Journals
from functions.journal.views.entries import TAG, EntryView, entry_view, etag
from functions.shared.access.authorization import Requirement
from functions.shared.domain.corrections import Corrections, InsightPart, SegmentCorrection
from functions.shared.domain.labels import EMOTIONS, FEELINGS, TOPICS
from functions.shared.domain.records import Scope
from functions.shared.errors import InvalidRequest
from functions.shared.observability import logs
from functions.shared.web.routing import Call, Reply, Route
from functions.shared.web.validation import require_text

MAX_TITLE_CHARS = 100
_PATH = f"{ENTRY_PATH}/corrections"
_IF_MATCH = {"If-Match": "The ETag of the version the client has; if the entry has changed since, 412."}

Labels = Annotated[list[Label], Meta(max_length=28)]
Segment = Annotated[int, Meta(ge=0, le=100_000)]


class SegmentEmotions(msgspec.Struct, frozen=True, kw_only=True):
    """All emotions of one segment, the most important first; none if empty."""

    segment: Segment
    emotions: Labels


class NewCorrections(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The parts to correct; others stay as they are.

    A list has all labels of the entry, the most important first; an empty one says that there are none. A
    null `title` or `mood` says that the entry has none. `mood` is from -1 (negative) to 1 (positive).
    `revision` is the one that the corrections are about, by default the current one.
    """

    emotions: Labels | UnsetType = UNSET
    feelings: Labels | UnsetType = UNSET
    topics: Labels | UnsetType = UNSET
    title: Annotated[str, Meta(min_length=1, max_length=MAX_TITLE_CHARS)] | UnsetType | None = UNSET
    mood: Annotated[float, Meta(ge=-1, le=1)] | UnsetType | None = UNSET
    segments: Annotated[list[SegmentEmotions], Meta(max_length=100)] = []
    revision: Annotated[int, Meta(ge=1)] | None = None


class TakenBack(msgspec.Struct, frozen=True, kw_only=True):
    """What to take back: a part of the entry, the emotions of a segment, or by default everything."""

    part: InsightPart | None = None
    segment: Segment | None = None


class CorrectionApi:
    """Handlers over the callers' journals. Access is logged, content is not."""

    def __init__(self, journals: Journals) -> None:
        self._journals = journals

    def correct(self, call: Call[NewCorrections]) -> Reply:
        changes = _corrections(call.body)
        journal = self._journals(call.uid)
        corrected = journal.correct(call.path["entry_id"], changes, _is_expected(call), call.body.revision)
        return _reply(call, corrected)

    def take_back(self, call: Call[None]) -> Reply:
        query: TakenBack = call.query
        if query.segment is not None and query.part not in {None, InsightPart.EMOTIONS}:
            raise InvalidRequest("a segment has only emotions", code="invalid_parameter")
        journal = self._journals(call.uid)
        found = journal.take_back(call.path["entry_id"], query.part, query.segment, _is_expected(call))
        return _reply(call, found)


def _reply(call: Call[Any], loaded: LoadedEntry) -> Reply:
    logs.audit("edit", call.uid, loaded.entry.entry_id)
    return Reply(body=entry_view(*loaded), headers={"ETag": f'"{etag(loaded.entry)}"'})


def _is_expected(call: Call[Any]) -> IsExpected:
    """Evaluates `If-Match`."""
    condition = call.request.if_match
    return lambda entry: not condition or etag(entry) in condition


def _corrections(new: NewCorrections) -> Corrections:
    """Raises InvalidRequest `unknown_label`, `empty_text` or `null_bytes`."""
    return Corrections(
        emotions=_labels("emotions", new.emotions, EMOTIONS),
        feelings=_labels("feelings", new.feelings, FEELINGS),
        topics=_labels("topics", new.topics, TOPICS),
        title=_title(new.title) if isinstance(new.title, str) else new.title,
        mood=new.mood,
        segments=tuple(
            SegmentCorrection(segment=item.segment, emotions=_known("emotions", item.emotions, EMOTIONS))
            for item in new.segments
        ),
    )


def _labels(
    name: str, labels: Sequence[str] | UnsetType, known: frozenset[str]
) -> tuple[str, ...] | UnsetType:
    return UNSET if labels is UNSET else _known(name, labels, known)


def _known(name: str, labels: Sequence[str], known: frozenset[str]) -> tuple[str, ...]:
    if not known.issuperset(labels):
        raise InvalidRequest(f"`{name}` are: {', '.join(sorted(known))}", code="unknown_label")
    return tuple(dict.fromkeys(labels))


def _title(title: str) -> str:
    return " ".join(require_text(title, MAX_TITLE_CHARS).split())


_PROBLEMS: Mapping[str, int] = {**NOT_FOUND, EntryChanged.code: EntryChanged.status}


def routes(api: CorrectionApi) -> Sequence[Route]:
    return [
        Route(
            method="PATCH",
            path=_PATH,
            handler=api.correct,
            summary="Correct an entry's insight",
            description="What the user states replaces what the models found, wherever the entry is shown, "
            "listed, filtered or exported, and stays when a model reads the same text again. After an edit, "
            "a title is kept, the entry's other corrections if most of its words are, and a segment's if "
            "its text is unchanged. Sending the same corrections again changes nothing.",
            tag=TAG,
            requires=Requirement(scope=Scope.WRITE),
            headers=_IF_MATCH,
            body=NewCorrections,
            replies={200: EntryView},
            problems={
                **_PROBLEMS,
                "unknown_label": 400,
                "unknown_segment": 400,
                "empty_text": 400,
                "null_bytes": 400,
                "entry_edited": 409,
                "too_many_corrections": 409,
            },
        ),
        Route(
            method="DELETE",
            path=_PATH,
            handler=api.take_back,
            summary="Take corrections back",
            description="What the models found is shown again. Feedback that corrected the same emotions is "
            "taken back too.",
            tag=TAG,
            requires=Requirement(scope=Scope.WRITE),
            headers=_IF_MATCH,
            query=TakenBack,
            replies={200: EntryView},
            problems={**_PROBLEMS, "invalid_parameter": 400},
        ),
    ]
