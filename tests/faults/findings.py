"""What is found in the store, the bucket, the logs and the dead letters when all is over."""

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
from tests.faults.people import CANARY, Lived
from tests.faults.plan import USERS, Said
from tests.faults.weather import NO_EVENT
from tests.support.cloudrun.records import Line
from tests.support.cloudrun.region import Region

FORBIDDEN_IN_TOMBSTONES = ("summary", "emotions", "feelings", "topics", "sentiment", "language", "stages")
OFF = timedelta(seconds=30)
PERMANENT = {Said.NOISE: "undecodable_audio"}


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is wrong, a line each; all empty is what the design promises."""

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


def look(region: Region, lives: Sequence[Lived]) -> Findings:
    region.cloud.enter()
    ports = connect(region.cloud.settings())
    lines = region.records.all()
    dead = list(_dead(region))
    known = {lived.key for lived in lives}
    orphans = [entry for entry in _entries(ports) if entry.key not in known]
    return Findings(
        lost=[*_problems(ports, lives), *(f"orphan {e.entry_id}: {e.status}" for e in _unfinished(orphans))],
        doubled=[*_twice(lines), *_told_twice(region)],
        dead_healthy=[each for each in dead if each],
        dead_poison=dead.count(""),
        remains=[line for lived in lives if lived.deleted for line in _remains(region, ports, lived.key)],
        leaks=sum(CANARY in line.raw for line in lines),
        wrong_clock=sum(map(_by_a_wrong_clock, lines)),
        statuses=Counter(_state(ports.store.get(lived.key)) for lived in lives),
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
    """Made by a call whose answer was lost: nobody waits for them, but they too must come to rest."""
    return [entry for entry in orphans if entry.status not in (Status.READY, Status.AWAITING_AUDIO)]


def _problems(ports: Ports, lives: Sequence[Lived]) -> Iterator[str]:
    for lived in lives:
        problem = _problem(ports, lived)
        if problem:
            yield f"{lived.planned.said}, {lived.planned.fate}, {lived.key.entry_id}: {problem}"


def _problem(ports: Ports, lived: Lived) -> str:
    entry = ports.store.get(lived.key)
    if entry is None:
        return "not in the store"
    if lived.deleted:
        return "" if entry.deleted_at else "came back"
    if not lived.told:
        return f"never announced ({entry.status})"
    wanted = PERMANENT.get(lived.planned.said)
    errors = [record.error.code for record in entry.stages.values() if record.error]
    if wanted:
        return "" if (entry.status, errors) == (Status.FAILED, [wanted]) else f"{entry.status} {errors}"
    if entry.status is not Status.READY or entry.pending_events:
        return f"{entry.status} {errors} {len(entry.pending_events)} events pending"
    transcript = ports.store.read(entry.key, entry.revision, Transcript)
    if transcript is None:
        return "ready without its words"
    if lived.text is not None and transcript.text != lived.text:
        return f"other words than its owner's last, revision {entry.revision} against {lived.revision}"
    return ""


def _twice(lines: Sequence[Line]) -> Iterator[str]:
    """The same piece of work stored by two deliveries."""
    done = Counter(
        tuple(line.fields[name] for name in ("entry", "revision", "type", "chunk"))
        for line in lines
        if line.says("delivery", verdict="done")
    )
    yield from (f"{count} times done: {work}" for work, count in done.items() if count > 1)


def _by_a_wrong_clock(line: Line) -> bool:
    """Work done by an instance whose clock is off."""
    if not line.says("delivery", verdict="done"):
        return False
    return abs(datetime.fromisoformat(line.fields["time"]) - line.at) > OFF


def _told_twice(region: Region) -> Iterator[str]:
    """Two webhooks that a receiver cannot know to be the same."""
    said = Counter(
        (message["data"]["entry_id"], message["data"]["revision"])
        for message in list(region.integrator.told.values())
    )
    yield from (f"{count} webhook ids: {what}" for what, count in said.items() if count > 1)


def _dead(region: Region) -> Iterator[str]:
    """Each dead letter: empty for the poison, else what healthy message it was."""
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
    """What a deleted entry left behind besides its tombstone."""
    from google.cloud import firestore_v1

    client = firestore_v1.Client(project=region.cloud.project)
    document = client.document("users", document_id(key.uid), "entries", document_id(key.entry_id))
    fields = document.get().to_dict() or {}
    yield from (f"{key.entry_id}: {name}" for name in FORBIDDEN_IN_TOMBSTONES if fields.get(name))
    yield from (f"{key.entry_id}: content {piece.id}" for piece in document.collection("content").get())
    if region.cloud.storage.bucket(region.cloud.bucket).blob(object_name(key)).exists():
        yield f"{key.entry_id}: its recording"
