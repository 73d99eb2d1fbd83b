"""Injects faults into deliveries, and into the instances that handle them."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from functions.shared.backends.gcp.names import AUDIO_TOPIC
from tests.support.cloudrun.front import Faults, Forward, Request, Response
from tests.support.cloudrun.instance import Instance

TOPICS: Mapping[str, str] = {
    "transcription-events": "entries.uploaded",
    "emotion-events": "entries.transcribed",
    "summarization-events": "entries.emotions-detected",
}
SPAN_S: Mapping[str, float] = {
    "transcription-events": 0.9,
    "emotion-events": 0.15,
    "summarization-events": 0.15,
}
"""Roughly how long each service takes, so that a crash may happen at any point of its work."""
MAX_CRASHES = 2
"""Fewer than the four crashes after which a task fails permanently."""
FROZEN_S = 18.0
"""Longer than a lease."""
_OOM_TIMEOUT_S = 6.0
_OWN_HEADERS = frozenset({"authorization", "user-agent", "accept", "content-length", "host", "connection"})


class Fault(StrEnum):
    """What can go wrong with a delivery."""

    REFUSED = "500 before"
    ANSWER_LOST = "500 after the work"
    NO_INSTANCE = "429"
    TWICE = "duplicate at once"
    AGAIN = "duplicate later"
    OVERTAKEN = "reordered"
    KILLED = "SIGKILL in mid-stage"
    STARVED = "killed by memory"
    FROZEN = "frozen beyond its lease"


SHARES: Mapping[Fault, float] = {
    Fault.REFUSED: 4,
    Fault.ANSWER_LOST: 3,
    Fault.NO_INSTANCE: 2,
    Fault.TWICE: 4,
    Fault.AGAIN: 4,
    Fault.OVERTAKEN: 4,
    Fault.KILLED: 6,
    Fault.STARVED: 1.5,
    Fault.FROZEN: 0.1,
}

_WEIGHTS = (*SHARES.values(), 100 - sum(SHARES.values()))

Publish = Callable[[str, bytes, Mapping[str, str]], None]
"""Topic, data, attributes."""


class RandomFaults(Faults):
    """Picks a fault, or none, for each delivery, and counts those that took effect.

    Args:
        required: crashes that are injected at some point in any case.
    """

    def __init__(self, seed: int, required: Sequence[Fault] = ()) -> None:
        self._rng = random.Random(seed)
        self._lock = threading.RLock()
        self._idle = threading.Condition(self._lock)
        self._running: dict[Instance, Counter[str]] = {}
        self._crashes: Counter[str] = Counter()
        self._scheduled = 0
        self._required = list(required)
        self.counts: Counter[str] = Counter()
        self.deliveries = 0
        self.active = True
        self.publish: Publish
        self.watch: Callable[[Request, Instance], None] = lambda *_: None

    def deliver(self, request: Request, forward: Forward) -> Response:
        fault, delay = self._choose(request)
        match fault:
            case Fault.REFUSED | Fault.NO_INSTANCE:
                self._count(fault)
                return Response(429 if fault is Fault.NO_INSTANCE else 500)
            case Fault.OVERTAKEN if request.path != "/reconcile":
                self._count(fault)
                self._schedule(1 + 3 * delay, lambda: self._forward_late(request, forward))
                return Response(204)
            case Fault.TWICE | Fault.AGAIN:
                self._count(fault)
                wait = 0.0 if fault is Fault.TWICE else 1 + 20 * delay
                self._schedule(wait, lambda: self._forward(request, forward))
            case Fault.ANSWER_LOST:
                self._count(fault)
                self._forward(request, forward)
                return Response(500)
        return self._forward(request, forward, fault, delay * SPAN_S.get(request.service, 0.1))

    def settle(self, seconds: float) -> bool:
        """Stops injecting faults and waits for scheduled actions; False if they take too long."""
        with self._idle:
            self.active = False
            return self._idle.wait_for(lambda: self._scheduled == 0, seconds)

    def _choose(self, request: Request) -> tuple[Fault | None, float]:
        with self._lock:
            self.deliveries += request.path != "/reconcile"
            chosen = self._required_fault(request) or self._rng.choices((*SHARES, None), _WEIGHTS)[0]
            return (chosen if self.active else None), self._rng.random()

    def _required_fault(self, request: Request) -> Fault | None:
        """A required crash that has not happened yet, if this delivery suits it."""
        transcribes = request.service == "transcription-events"
        pending = [fault for fault in self._required if transcribes or fault is not Fault.STARVED]
        if request.service not in SPAN_S or not pending or self._rng.random() > 0.4:
            return None
        return self._rng.choice(pending)

    def _forward(
        self, request: Request, forward: Forward, fault: Fault | None = None, delay: float = 0.0
    ) -> Response:
        """Forwards a delivery, keeping track of the instance that works on it."""
        task = task_of(request)
        at: list[Instance] = []

        def begun(instance: Instance) -> None:
            at.append(instance)
            with self._lock:
                self._running.setdefault(instance, Counter())[task] += 1
            self.watch(request, instance)
            if fault in (Fault.KILLED, Fault.STARVED, Fault.FROZEN):
                self._schedule(delay, lambda: self._crash(fault, instance, task))

        try:
            return forward(request, begun)
        finally:
            with self._lock:
                for instance in at:
                    self._running[instance][task] -= 1

    def _crash(self, fault: Fault, instance: Instance, task: str) -> None:
        if fault is Fault.STARVED and instance.group is None:
            fault = Fault.KILLED
        if not self._may_crash(instance, task):
            return
        if fault is Fault.KILLED:
            instance.kill()
        elif fault is Fault.FROZEN:
            instance.freeze()
            self._schedule(FROZEN_S, instance.thaw)
        elif not _exhaust_memory(instance):
            return
        self._count(fault)
        with self._lock:
            if fault in self._required:
                self._required.remove(fault)

    def _may_crash(self, instance: Instance, task: str) -> bool:
        """Counts a crash; False if the task has finished, or one of the instance's has crashed too often."""
        with self._lock:
            running = [other for other, count in self._running[instance].items() if count > 0]
            if task not in running or any(self._crashes[other] >= MAX_CRASHES for other in running):
                return False
            self._crashes.update(other for other in running if other.startswith(tuple(SPAN_S)))
            return True

    def _forward_late(self, request: Request, forward: Forward) -> None:
        """Forwards a delivery late; if it fails, publishes it again."""
        if self._forward(request, forward).status >= 300:
            self.publish(_topic(request), request.body, _attributes(request))

    def _count(self, fault: Fault) -> None:
        with self._lock:
            self.counts[fault] += 1

    def _schedule(self, seconds: float, act: Callable[[], object]) -> None:
        def run() -> None:
            try:
                act()
            finally:
                with self._idle:
                    self._scheduled -= 1
                    self._idle.notify_all()

        with self._idle:
            self._scheduled += 1
        timer = threading.Timer(seconds, run)
        timer.daemon = True
        timer.start()


def task_of(request: Request) -> str:
    """Identifies a delivery's work: the same for all repeats."""
    return f"{request.service}{request.path} {request.header('ce-type')} {request.body!r}"


def _exhaust_memory(instance: Instance) -> bool:
    """Limits the memory to what is in use until the kernel kills a process; then kills the container."""
    assert instance.group is not None
    before = instance.group.kills
    waited = threading.Event()
    try:
        instance.group.tighten()
        for _ in range(int(_OOM_TIMEOUT_S / 0.05)):
            if instance.group.kills > before:
                instance.kill()
                return True
            waited.wait(0.05)
        return False
    except OSError:
        return False
    finally:
        instance.group.loosen()


def _topic(request: Request) -> str:
    if request.path == "/uploads":
        return AUDIO_TOPIC
    return TOPICS.get(request.service, "entries.summarized")


def _attributes(request: Request) -> dict[str, str]:
    return {
        name.lower() if name.lower().startswith(("ce-", "content-", "traceparent")) else name: value
        for name, value in request.headers.items()
        if name.lower() not in _OWN_HEADERS and not name.lower().startswith("x-goog-")
    }
