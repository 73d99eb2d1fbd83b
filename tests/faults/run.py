"""One run: people live their entries while everything goes wrong, then it is counted."""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import msgspec

from tests.faults.burst import burst
from tests.faults.chaos import Chaos, Mishap
from tests.faults.clips import Clips
from tests.faults.findings import Findings, look
from tests.faults.people import Lived, Person
from tests.faults.plan import USERS, Planned, plan
from tests.faults.weather import Weather
from tests.support.cloud import Policy
from tests.support.cloudrun.front import Answer, Request
from tests.support.cloudrun.phone import Phone
from tests.support.cloudrun.region import INTEGRATOR, Region, events, public, region
from tests.support.emulators import running

AT_ONCE = 40
"""Entries under way at the same time."""
SETTLED_S = 300.0
MET = "duplicates that met a lease"
MEMORY = "kills by memory (no memory control group can be made here)"
CLOCK = "a wrong clock (install faketime)"
CLOCKS = {"emotion": "+50s", "summarization": "-50s"}
"""How wrong one of two clocks is: more than a lease, less than what a token's check forgives."""

BUSY = {"SAMO_QUOTA_ENTRIES_PER_HOUR": "100000", "SAMO_QUOTA_REQUESTS_PER_MINUTE": "100000"}
"""A few people live in minutes what others live in years."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    entries: int
    seed: int
    deliveries: int
    happened: Counter[str]
    starts: Counter[str]
    findings: Findings
    not_run: Sequence[str]
    seconds: float


def run(entries: int, seed: int, *, attempts: int = 100) -> Report:
    """Raises TimeoutError if it does not come to rest."""
    began = time.monotonic()
    chaos = Chaos(seed, _musts(entries))
    with running() as emulators, _region(emulators, chaos, attempts) as made:
        outages = max(2, entries // 40)
        weather = Weather(made, seed, entries=entries, outages=outages, long_outage=entries >= 500)
        _connect(made, chaos, seed)
        weather.start()
        try:
            lives = _live(made, plan(entries, seed), weather.lived)
        finally:
            weather.stop()
        _settle(made, chaos)
        lives.append(_burst(made, chaos))
        return Report(
            entries=entries,
            seed=seed,
            deliveries=chaos.deliveries,
            happened=chaos.counts + weather.counts,
            starts=_starts(made),
            findings=look(made, lives),
            not_run=_not_run(made),
            seconds=time.monotonic() - began,
        )


@contextmanager
def _region(emulators: object, chaos: Chaos, attempts: int) -> Iterator[Region]:
    kinds = (
        public("journal"),
        events("journal"),
        events("transcription", (), (), concurrency=1, limited=True),
        events("emotion", (), _clock("emotion")),
        events("summarization", (), _clock("summarization")),
    )
    policy = Policy(backoff=None, max_attempts=attempts, ack_deadline=60)
    with region(emulators, kinds, faults=chaos, policy=policy, settings=BUSY) as made:  # type: ignore[arg-type]
        yield made


def _clock(name: str) -> tuple[str, ...]:
    faketime = shutil.which("faketime")
    return (faketime, "-f", CLOCKS[name]) if faketime else ()


def _musts(entries: int) -> list[Mishap]:
    """Even a small run has these."""
    blows = [Mishap.STARVED] * 2 + [Mishap.FROZEN] + [Mishap.KILLED] * 10
    return blows * max(1, entries // 250)


def _connect(made: Region, chaos: Chaos, seed: int) -> None:
    def publish(topic: str, data: bytes, attributes: object) -> None:
        message = {"data": data, "attributes": attributes}
        made.cloud.publisher.publish(topic=made.cloud.topic(topic), messages=[message])

    chance, take = random.Random(seed), made.integrator.take

    def sometimes(request: Request) -> Answer:
        return Answer(500) if chaos.raging and chance.random() < 0.04 else take(request)

    chaos.publish = publish
    made.front.receivers[INTEGRATOR] = sometimes


def _live(made: Region, planned: Sequence[Planned], after_each: Callable[[], None]) -> list[Lived]:
    clips = Clips()

    def live(person: Person, one: Planned) -> Lived:
        try:
            return person.live(one)
        finally:
            after_each()

    with ExitStack() as stack:
        people = {uid: Person(stack.enter_context(Phone(made, uid)), clips) for uid in USERS}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda one: live(people[one.uid], one), planned))


def _burst(made: Region, chaos: Chaos) -> Lived:
    with Phone(made, USERS[0]) as phone:
        lived = burst(made, chaos, phone, Clips())
    met = made.records.find("delivery", verdict="busy", entry=lived.key.entry_id)
    chaos.counts[MET] = len(met)
    return lived


def _settle(made: Region, chaos: Chaos) -> None:
    """No more mishaps; what is still on its way arrives, and the poison is given up."""
    if not chaos.settle(SETTLED_S):
        raise TimeoutError("deliveries that were held back never came to an end")
    made.records.await_message("event refused", seconds=SETTLED_S, route="/dead-letters")


def _starts(made: Region) -> Counter[str]:
    return Counter(
        {name: sum(each.starts for each in service.instances) for name, service in made.services.items()}
    )


def _not_run(made: Region) -> list[str]:
    missing = []
    if any(instance.group is None for instance in made.services["transcription-events"].instances):
        missing.append(MEMORY)
    if not shutil.which("faketime"):
        missing.append(CLOCK)
    return missing
