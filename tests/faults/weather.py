"""What befalls everybody at once: the store and the bus out of reach, the journal gone, poison."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial

from tests.support.cloudrun.region import Region
from tests.support.cloudrun.wire import Wire

LONG_OUTAGE_S = 45.0
"""Longer than the patience of the store's client."""
MALFORMED = b'{"uid": 7, "entry_id'
NO_EVENT = b"this is no event"


class Weather:
    """Outages on their own thread, spread over the entries; `stop` ends them and mends every wire.

    They come with the entries that were lived, not with the clock, so that a quick machine meets all of them.
    """

    def __init__(self, region: Region, seed: int, *, entries: int, outages: int, long_outage: bool) -> None:
        self._region = region
        self._chance = random.Random(seed)
        self._entries = entries
        self._lived = 0
        self._progress = threading.Condition()
        self._over = threading.Event()
        self.counts: Counter[str] = Counter()
        self._plan = self._planned(outages, long_outage)
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._region.cloud.publisher.publish(
            topic=self._region.cloud.topic("entries.uploaded"),
            messages=[{"data": NO_EVENT}, {"data": MALFORMED, "attributes": _ATTRIBUTES}],
        )
        self._thread.start()

    def lived(self) -> None:
        """One more entry has been lived."""
        with self._progress:
            self._lived += 1
            self._progress.notify_all()

    def stop(self) -> None:
        self._over.set()
        with self._progress:
            self._progress.notify_all()
        self._thread.join()

    def _planned(self, outages: int, long_outage: bool) -> list[Callable[[], None]]:
        planned: list[Callable[[], None]] = []
        for number in range(outages):
            seconds = LONG_OUTAGE_S if long_outage and number == outages // 2 else self._chance.uniform(1, 5)
            name, wire = self._wires()[number % 2] if seconds < LONG_OUTAGE_S else self._wires()[0]
            planned.append(partial(self._cut, name, wire, seconds))
        return [step for outage in planned for step in (outage, self._kill_journal)]

    def _kill_journal(self) -> None:
        """The clients' own service; whom it leaves without an answer calls again."""
        self._region.services["journal"].instances[0].kill()
        self.counts["SIGKILL of the journal"] += 1

    def _wires(self) -> list[tuple[str, Wire]]:
        return [("Firestore", self._region.firestore), ("Pub/Sub", self._region.pubsub)]

    def _run(self) -> None:
        for number, outage in enumerate(self._plan, 1):
            if not self._comes(number * self._entries // (len(self._plan) + 1)):
                return
            outage()

    def _comes(self, lived: int) -> bool:
        """Once so many entries have been lived; never, if it is over before."""
        with self._progress:
            self._progress.wait_for(lambda: self._lived >= lived or self._over.is_set())
            return self._lived >= lived

    def _cut(self, name: str, wire: Wire, seconds: float) -> None:
        wire.cut()
        try:
            self._over.wait(seconds)
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
