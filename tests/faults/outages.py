"""Faults that hit all entries: outages of the store and the bus, a killed journal, poison messages."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial

from tests.support.cloudrun.region import Region
from tests.support.cloudrun.wire import Wire

LONG_OUTAGE_S = 45.0
"""Longer than the store's client retries."""
MALFORMED = b'{"uid": 7, "entry_id'
NO_EVENT = b"this is no event"


class Outages:
    """Injects outages from a thread of its own; `stop` ends them and restores all connections.

    Each is triggered by the number of finished entries, not by time, so that a fast machine meets all.
    """

    def __init__(self, region: Region, seed: int, *, entries: int, count: int, long_outage: bool) -> None:
        self._region = region
        self._rng = random.Random(seed)
        self._entries = entries
        self._finished = 0
        self._progress = threading.Condition()
        self._stopped = threading.Event()
        self.counts: Counter[str] = Counter()
        self._plan = self._planned(count, long_outage)
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._region.cloud.publisher.publish(
            topic=self._region.cloud.topic("entries.uploaded"),
            messages=[{"data": NO_EVENT}, {"data": MALFORMED, "attributes": _ATTRIBUTES}],
        )
        self._thread.start()

    def entry_finished(self) -> None:
        """Counts a finished entry."""
        with self._progress:
            self._finished += 1
            self._progress.notify_all()

    def stop(self) -> None:
        self._stopped.set()
        with self._progress:
            self._progress.notify_all()
        self._thread.join()

    def _planned(self, count: int, long_outage: bool) -> list[Callable[[], None]]:
        planned: list[Callable[[], None]] = []
        for number in range(count):
            seconds = LONG_OUTAGE_S if long_outage and number == count // 2 else self._rng.uniform(1, 5)
            name, wire = self._wires()[number % 2] if seconds < LONG_OUTAGE_S else self._wires()[0]
            planned.append(partial(self._cut, name, wire, seconds))
        return [step for outage in planned for step in (outage, self._kill_journal)]

    def _kill_journal(self) -> None:
        """Kills the service that clients call; they retry requests that got no response."""
        self._region.services["journal"].instances[0].kill()
        self.counts["SIGKILL of the journal"] += 1

    def _wires(self) -> list[tuple[str, Wire]]:
        return [("Firestore", self._region.firestore), ("Pub/Sub", self._region.pubsub)]

    def _run(self) -> None:
        for number, outage in enumerate(self._plan, 1):
            if not self._await_finished(number * self._entries // (len(self._plan) + 1)):
                return
            outage()

    def _await_finished(self, count: int) -> bool:
        """Waits until `count` entries have finished; False if the run ends before."""
        with self._progress:
            self._progress.wait_for(lambda: self._finished >= count or self._stopped.is_set())
            return self._finished >= count

    def _cut(self, name: str, wire: Wire, seconds: float) -> None:
        wire.cut()
        try:
            self._stopped.wait(seconds)
        finally:
            wire.mend()
        self.counts[f"{name} out of reach"] += 1


_ATTRIBUTES = {
    "ce-specversion": "1.0",
    "ce-id": "poison",
    "ce-type": "samo.entry.uploaded.v1",
    "ce-source": "//samo/entries",
    "content-type": "application/json",
}
