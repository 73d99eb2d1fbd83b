"""One fault run: simulated users create entries while faults are injected; then the results are checked."""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import msgspec

from tests.faults.clips import Clips
from tests.faults.delivery_faults import Fault, RandomFaults
from tests.faults.duplicates import DUPLICATES, send_duplicates
from tests.faults.findings import Findings, inspect
from tests.faults.outages import Outages
from tests.faults.plan import USERS, PlannedEntry, plan
from tests.faults.users import EntryOutcome, SimulatedUser
from tests.support.cloud import Policy
from tests.support.cloudrun.front import Request, Response
from tests.support.cloudrun.phone import Phone
from tests.support.cloudrun.region import INTEGRATOR, Region, events, public
from tests.support.cloudrun.region import region as start_region
from tests.support.emulators import Emulators, running

AT_ONCE = 40
"""Entries processed concurrently."""
BURSTS = 3
SETTLED_S = 300.0
MET = "duplicates that met a lease"
MEMORY = "kills by memory (no memory control group can be made here)"
CLOCK = "a wrong clock (install faketime)"
CLOCKS = {"emotion": "+50s", "summarization": "-50s"}
"""Clock skew of one of two instances: longer than a lease, within the leeway of token verification."""

UNLIMITED = {"SAMO_QUOTA_ENTRIES_PER_HOUR": "100000", "SAMO_QUOTA_REQUESTS_PER_MINUTE": "100000"}
"""Quotas that a few simulated users do not reach."""


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
    """Raises TimeoutError if the system does not settle."""
    began = time.monotonic()
    faults = RandomFaults(seed, _required(entries))
    with running() as emulators, _region(emulators, faults, attempts) as region:
        count = max(2, entries // 40)
        outages = Outages(region, seed, entries=entries, count=count, long_outage=entries >= 500)
        _connect(region, faults, seed)
        outages.start()
        try:
            outcomes = _run_entries(region, plan(entries, seed), outages.entry_finished)
        finally:
            outages.stop()
        _settle(region, faults)
        outcomes += _send_duplicates(region, faults)
        return Report(
            entries=entries,
            seed=seed,
            deliveries=faults.deliveries,
            happened=faults.counts + outages.counts,
            starts=_starts(region),
            findings=inspect(region, outcomes),
            not_run=_not_run(region),
            seconds=time.monotonic() - began,
        )


@contextmanager
def _region(emulators: Emulators, faults: RandomFaults, attempts: int) -> Iterator[Region]:
    kinds = (
        public("journal"),
        events("journal"),
        events("transcription", (), (), concurrency=1, limited=True),
        events("emotion", (), _clock("emotion")),
        events("summarization", (), _clock("summarization")),
    )
    policy = Policy(backoff=None, max_attempts=attempts, ack_deadline=60)
    with start_region(emulators, kinds, faults=faults, policy=policy, settings=UNLIMITED) as region:
        yield region


def _clock(name: str) -> tuple[str, ...]:
    faketime = shutil.which("faketime")
    return (faketime, "-f", CLOCKS[name]) if faketime else ()


def _required(entries: int) -> list[Fault]:
    """Faults that even a small run injects."""
    crashes = [Fault.STARVED] * 2 + [Fault.FROZEN] + [Fault.KILLED] * 10
    return crashes * max(1, entries // 250)


def _connect(region: Region, faults: RandomFaults, seed: int) -> None:
    def publish(topic: str, data: bytes, attributes: object) -> None:
        message = {"data": data, "attributes": attributes}
        region.cloud.publisher.publish(topic=region.cloud.topic(topic), messages=[message])

    rng, take = random.Random(seed), region.integrator.take

    def take_most(request: Request) -> Response:
        return Response(500) if faults.active and rng.random() < 0.04 else take(request)

    faults.publish = publish
    region.front.receivers[INTEGRATOR] = take_most


def _run_entries(
    region: Region, planned: Sequence[PlannedEntry], after_each: Callable[[], None]
) -> list[EntryOutcome]:
    clips = Clips()

    def run_one(entry: PlannedEntry) -> EntryOutcome:
        try:
            return users[entry.uid].run(entry)
        finally:
            after_each()

    with ExitStack() as stack:
        users = {uid: SimulatedUser(stack.enter_context(Phone(region, uid)), clips) for uid in USERS}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(run_one, planned))


def _send_duplicates(region: Region, faults: RandomFaults) -> list[EntryOutcome]:
    """Retries with another recording if a slow machine did not deliver enough before the lease ended."""
    outcomes = []
    with Phone(region, USERS[0]) as phone:
        for _ in range(BURSTS):
            outcome = send_duplicates(region, faults, phone, Clips())
            outcomes.append(outcome)
            met = region.records.find("delivery", verdict="busy", entry=outcome.key.entry_id)
            faults.counts[MET] = len(met)
            if len(met) >= DUPLICATES:
                break
    return outcomes


def _settle(region: Region, faults: RandomFaults) -> None:
    """Stops injecting faults; waits for delayed deliveries, and for the dead letters of poison messages."""
    if not faults.settle(SETTLED_S):
        raise TimeoutError("delayed deliveries did not finish")
    region.records.await_message("event refused", seconds=SETTLED_S, route="/dead-letters")


def _starts(region: Region) -> Counter[str]:
    return Counter(
        {
            name: sum(instance.starts for instance in service.instances)
            for name, service in region.services.items()
        }
    )


def _not_run(region: Region) -> list[str]:
    missing = []
    if any(instance.group is None for instance in region.services["transcription-events"].instances):
        missing.append(MEMORY)
    if not shutil.which("faketime"):
        missing.append(CLOCK)
    return missing
