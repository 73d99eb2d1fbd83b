"""Sends many duplicates while a slow stage holds its lease: all are acknowledged, none is dead-lettered."""

from __future__ import annotations

import random
import threading
from contextlib import suppress
from queue import Queue

from functions.shared.backends.connect import connect
from functions.shared.domain import events
from functions.shared.domain.entries import EntryKey, EventType, Stage, StageState
from functions.shared.pipeline import cloud_events
from tests.faults.clips import Clips
from tests.faults.delivery_faults import RandomFaults
from tests.faults.plan import Action, InputKind, PlannedEntry
from tests.faults.users import FINISHED_S, EntryOutcome
from tests.support.cloudrun.front import Request
from tests.support.cloudrun.instance import Instance
from tests.support.cloudrun.phone import Phone
from tests.support.cloudrun.records import Line
from tests.support.cloudrun.region import Region

DUPLICATES = 120
"""More than the delivery attempts before a message is dead-lettered."""
HELD_S = 12.0
"""Shorter than a lease."""
_BEGIN_TIMEOUT_S = 120.0
_POLL_S = 0.02


def send_duplicates(region: Region, faults: RandomFaults, phone: Phone, clips: Clips) -> EntryOutcome:
    """Uploads a long recording, freezes the instance that works on it, and publishes its event many times."""
    working: Queue[Instance] = Queue()

    def watch(request: Request, instance: Instance) -> None:
        if request.service == "transcription-events":
            working.put(instance)

    faults.watch = watch
    planned = PlannedEntry(number=0, uid=phone.uid, kind=InputKind.LONG, action=Action.LEFT, wait_s=0)
    outcome = EntryOutcome(planned=planned, key=phone.key(phone.record(clips.long(random.Random(0)))))
    instance = working.get(timeout=_BEGIN_TIMEOUT_S)
    _await_lease(region, outcome.key)
    instance.freeze()
    try:
        _publish_duplicates(region, outcome.key)
    finally:
        instance.thaw()
    outcome.announced = region.integrator.await_webhook(outcome.key, 1, FINISHED_S)
    return outcome


def _await_lease(region: Region, key: EntryKey) -> None:
    region.cloud.enter()
    store = connect(region.cloud.settings()).store
    waited = threading.Event()
    for _ in range(int(_BEGIN_TIMEOUT_S / _POLL_S)):
        entry = store.get(key)
        if entry and entry.stage(Stage.TRANSCRIPTION).state is StageState.RUNNING:
            return
        waited.wait(_POLL_S)
    raise TimeoutError("the stage did not start")


def _publish_duplicates(region: Region, key: EntryKey) -> None:
    """Publishes the same event many times; waits until all have met the lease, or for HELD_S."""
    event = events.make_event(EventType.UPLOADED, key, 1)
    message = {"data": cloud_events.body(event), "attributes": cloud_events.attributes(event)}
    cloud = region.cloud
    cloud.publisher.publish(topic=cloud.topic("entries.uploaded"), messages=[message] * DUPLICATES)

    def met(lines: list[Line]) -> bool:
        return sum(line.says("delivery", verdict="busy", entry=key.entry_id) for line in lines) >= DUPLICATES

    with suppress(TimeoutError):
        region.records.await_lines(met, HELD_S)
