"""Duplicates by the dozen while a slow stage holds its lease: each is acknowledged, none given up."""

from __future__ import annotations

import random
import threading
from contextlib import suppress
from queue import Queue

from functions.shared.backends.connect import connect
from functions.shared.domain import events
from functions.shared.domain.entries import EntryKey, EventType, Stage, StageState
from functions.shared.pipeline import cloud_events
from tests.faults.chaos import Chaos
from tests.faults.clips import Clips
from tests.faults.people import FINISHED_S, Lived
from tests.faults.plan import Fate, Planned, Said
from tests.support.cloudrun.front import Request
from tests.support.cloudrun.instance import Instance
from tests.support.cloudrun.phone import Phone
from tests.support.cloudrun.records import Line
from tests.support.cloudrun.region import Region

DUPLICATES = 120
"""More than the attempts after which a message is given up."""
HELD_S = 12.0
"""Less than a lease."""
_BEGUN_S = 30.0
_LOOK_EVERY_S = 0.02


def burst(region: Region, chaos: Chaos, phone: Phone, clips: Clips) -> Lived:
    """Record something long, stop the instance that has begun on it, and ring again and again."""
    begun: Queue[Instance] = Queue()

    def watch(request: Request, instance: Instance) -> None:
        if request.service == "transcription-events":
            begun.put(instance)

    chaos.watch = watch
    planned = Planned(number=0, uid=phone.uid, said=Said.LONG, fate=Fate.LEFT, wait_s=0)
    lived = Lived(planned=planned, key=phone.key(phone.record(clips.long(random.Random(0)))))
    instance = begun.get(timeout=_BEGUN_S)
    _await_lease(region, lived.key)
    instance.freeze()
    try:
        _ring(region, lived.key)
    finally:
        instance.thaw()
    lived.told = region.integrator.await_told(lived.key, 1, FINISHED_S)
    return lived


def _await_lease(region: Region, key: EntryKey) -> None:
    region.cloud.enter()
    store = connect(region.cloud.settings()).store
    waited = threading.Event()
    for _ in range(int(_BEGUN_S / _LOOK_EVERY_S)):
        entry = store.get(key)
        if entry and entry.stage(Stage.TRANSCRIPTION).state is StageState.RUNNING:
            return
        waited.wait(_LOOK_EVERY_S)
    raise TimeoutError("the stage never began")


def _ring(region: Region, key: EntryKey) -> None:
    """The same event, over the bus, until each has met the lease or its time is over."""
    event = events.make_event(EventType.UPLOADED, key, 1)
    message = {"data": cloud_events.body(event), "attributes": cloud_events.attributes(event)}
    cloud = region.cloud
    cloud.publisher.publish(topic=cloud.topic("entries.uploaded"), messages=[message] * DUPLICATES)

    def met(lines: list[Line]) -> bool:
        return sum(line.says("delivery", verdict="busy", entry=key.entry_id) for line in lines) >= DUPLICATES

    with suppress(TimeoutError):
        region.records.await_lines(met, HELD_S)
