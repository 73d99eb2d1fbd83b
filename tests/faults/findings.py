"""Checks the store, the bucket, the logs and the dead letters after a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from functions.shared.backends.connect import connect
from functions.shared.backends.gcp.audio_store import object_name
from functions.shared.backends.gcp.names import INSPECTION, document_id
from functions.shared.domain.content import Transcript
from functions.shared.domain.entries import Entry, EntryKey, Status
from functions.shared.errors import InvalidRequest
from functions.shared.pipeline import cloud_events
from functions.shared.ports import Ports
from tests.faults.outages import NO_EVENT
from tests.faults.plan import USERS, InputKind
from tests.faults.users import CANARY, EntryOutcome
from tests.support.cloudrun.records import Line
from tests.support.cloudrun.region import Region

FORBIDDEN_IN_TOMBSTONES = ("summary", "emotions", "feelings", "topics", "sentiment", "language", "stages")
OFF = timedelta(seconds=30)
PERMANENT = {InputKind.NOISE: "undecodable_audio"}


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """Violations of the guarantees, one line each; a correct system has none."""

    lost: list[str]
    doubled: list[str]
    dead_healthy: list[str]
    dead_poison: int
    remains: list[str]
    leaks: int
    wrong_clock: int
    statuses: Counter[str]
    verdicts: Counter[str]

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.dead_healthy or self.remains or self.leaks)


def inspect(region: Region, outcomes: Sequence[EntryOutcome]) -> Findings:
    region.cloud.enter()
    ports = connect(region.cloud.settings())
    lines = region.records.all()
    dead = list(_dead(region))
    known = {outcome.key for outcome in outcomes}
    orphans = [entry for entry in _entries(ports) if entry.key not in known]
    return Findings(
        lost=[
            *_problems(ports, outcomes),
            *(f"orphan {e.entry_id}: {e.status}" for e in _unfinished(orphans)),
        ],
        doubled=[*_twice(lines), *_announced_twice(region)],
        dead_healthy=[letter for letter in dead if letter],
        dead_poison=dead.count(""),
        remains=[
            line for outcome in outcomes if outcome.deleted for line in _remains(region, ports, outcome.key)
        ],
        leaks=sum(CANARY in line.raw for line in lines),
        wrong_clock=sum(map(_has_skewed_clock, lines)),
        statuses=Counter(_state(ports.store.get(outcome.key)) for outcome in outcomes),
        verdicts=Counter(str(line.fields["verdict"]) for line in lines if line.says("delivery")),
    )


def _state(entry: Entry | None) -> str:
    if entry is None:
        return "missing"
    return "deleted" if entry.deleted_at else str(entry.status)


def _entries(ports: Ports) -> Iterator[Entry]:
    for uid in USERS:
        cursor = None
        while True:
            page = ports.store.list_entries(uid, limit=100, cursor=cursor)
            yield from page.entries
            if (cursor := page.next_cursor) is None:
                break


def _unfinished(orphans: Sequence[Entry]) -> list[Entry]:
    """Entries whose creation got no response: no user waits for them, but they must be finished too."""
    return [entry for entry in orphans if entry.status not in (Status.READY, Status.AWAITING_AUDIO)]


def _problems(ports: Ports, outcomes: Sequence[EntryOutcome]) -> Iterator[str]:
    for outcome in outcomes:
        problem = _problem(ports, outcome)
        if problem:
            yield f"{outcome.planned.kind}, {outcome.planned.action}, {outcome.key.entry_id}: {problem}"


def _problem(ports: Ports, outcome: EntryOutcome) -> str:
    entry = ports.store.get(outcome.key)
    if entry is None:
        return "not in the store"
    if outcome.deleted:
        return "" if entry.deleted_at else "came back"
    if not outcome.announced:
        return f"never announced ({entry.status})"
    wanted = PERMANENT.get(outcome.planned.kind)
    errors = [record.error.code for record in entry.stages.values() if record.error]
    if wanted:
        return "" if (entry.status, errors) == (Status.FAILED, [wanted]) else f"{entry.status} {errors}"
    if entry.status is not Status.READY or entry.pending_events:
        return f"{entry.status} {errors} {len(entry.pending_events)} events pending"
    transcript = ports.store.read(entry.key, entry.revision, Transcript)
    if transcript is None:
        return "ready without a transcript"
    if outcome.text is not None and transcript.text != outcome.text:
        return f"not the user's last text, revision {entry.revision} against {outcome.revision}"
    return ""


def _twice(lines: Sequence[Line]) -> Iterator[str]:
    """Work that more than one delivery completed."""
    done = Counter(
        tuple(line.fields[name] for name in ("entry", "revision", "type", "chunk"))
        for line in lines
        if line.says("delivery", verdict="done")
    )
    yield from (f"{count} times done: {work}" for work, count in done.items() if count > 1)


def _has_skewed_clock(line: Line) -> bool:
    """Whether an instance with a skewed clock did the work."""
    if not line.says("delivery", verdict="done"):
        return False
    return abs(datetime.fromisoformat(line.fields["time"]) - line.at) > OFF


def _announced_twice(region: Region) -> Iterator[str]:
    """Webhooks for one revision with different ids, which a receiver cannot deduplicate."""
    ids = Counter(
        (message["data"]["entry_id"], message["data"]["revision"])
        for message in list(region.integrator.messages.values())
    )
    yield from (f"{count} webhook ids: {revision}" for revision, count in ids.items() if count > 1)


def _dead(region: Region) -> Iterator[str]:
    """One line per dead letter: empty for a poison message, otherwise what it was."""
    while received := region.cloud.pull(INSPECTION):
        for letter in received:
            region.cloud.acknowledge(INSPECTION, letter.ack_id)
            yield _healthy(letter.message)


def _healthy(message: Any) -> str:
    if message.data == NO_EVENT:
        return ""
    try:
        event = cloud_events.parse(message.attributes.get("ce-type", ""), message.data)
    except InvalidRequest:
        return f"{dict(message.attributes)}"
    return f"{event.type} of {event.entry_id}, revision {event.revision}"


def _remains(region: Region, ports: Ports, key: EntryKey) -> Iterator[str]:
    """What is left of a deleted entry besides its tombstone."""
    from google.cloud import firestore_v1

    client = firestore_v1.Client(project=region.cloud.project)
    document = client.document("users", document_id(key.uid), "entries", document_id(key.entry_id))
    fields = document.get().to_dict() or {}
    yield from (f"{key.entry_id}: {name}" for name in FORBIDDEN_IN_TOMBSTONES if fields.get(name))
    yield from (f"{key.entry_id}: content {piece.id}" for piece in document.collection("content").get())
    if region.cloud.storage.bucket(region.cloud.bucket).blob(object_name(key)).exists():
        yield f"{key.entry_id}: its recording"
