"""What goes wrong with deliveries on their way, and with the instances that handle them."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from functions.shared.backends.gcp.names import AUDIO_TOPIC
from tests.support.cloudrun.front import Answer, Faults, Forward, Request
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
"""About how long a service takes, so that a blow falls anywhere within."""
MAX_BLOWS = 2
"""A task that lost its worker four times is given up as crashed, rightly: none here is struck so often."""
FROZEN_S = 18.0
"""Longer than a lease."""
_ENOUGH_MEMORY_S = 6.0
_OWN_HEADERS = frozenset({"authorization", "user-agent", "accept", "content-length", "host", "connection"})


class Mishap(StrEnum):
    """Each with its share of all deliveries, in percent."""

    REFUSED = "500 before"
    ANSWER_LOST = "500 after the work"
    NO_INSTANCE = "429"
    TWICE = "duplicate at once"
    AGAIN = "duplicate later"
    OVERTAKEN = "reordered"
    KILLED = "SIGKILL in mid-stage"
    STARVED = "killed by memory"
    FROZEN = "frozen beyond its lease"


SHARES: Mapping[Mishap, float] = {
    Mishap.REFUSED: 4,
    Mishap.ANSWER_LOST: 3,
    Mishap.NO_INSTANCE: 2,
    Mishap.TWICE: 4,
    Mishap.AGAIN: 4,
    Mishap.OVERTAKEN: 4,
    Mishap.KILLED: 6,
    Mishap.STARVED: 1.5,
    Mishap.FROZEN: 0.1,
}

_WEIGHTS = (*SHARES.values(), 100 - sum(SHARES.values()))

Publish = Callable[[str, bytes, Mapping[str, str]], None]
"""Topic, data, attributes."""


class Chaos(Faults):
    """Draws a mishap, or none, for each delivery; counts what really happened.

    Args:
        musts: blows that fall sooner or later, whatever is drawn.
    """

    def __init__(self, seed: int, musts: Sequence[Mishap] = ()) -> None:
        self._chance = random.Random(seed)
        self._lock = threading.RLock()
        self._idle = threading.Condition(self._lock)
        self._under_way: dict[Instance, Counter[str]] = {}
        self._blows: Counter[str] = Counter()
        self._later = 0
        self._musts = list(musts)
        self.counts: Counter[str] = Counter()
        self.deliveries = 0
        self.raging = True
        self.publish: Publish
        self.watch: Callable[[Request, Instance], None] = lambda *_: None

    def deliver(self, request: Request, forward: Forward) -> Answer:
        mishap, delay = self._draw(request)
        match mishap:
            case Mishap.REFUSED | Mishap.NO_INSTANCE:
                self._count(mishap)
                return Answer(429 if mishap is Mishap.NO_INSTANCE else 500)
            case Mishap.OVERTAKEN if request.path != "/reconcile":
                self._count(mishap)
                self._in(1 + 3 * delay, lambda: self._take_over(request, forward))
                return Answer(204)
            case Mishap.TWICE | Mishap.AGAIN:
                self._count(mishap)
                wait = 0.0 if mishap is Mishap.TWICE else 1 + 20 * delay
                self._in(wait, lambda: self._forward(request, forward))
            case Mishap.ANSWER_LOST:
                self._count(mishap)
                self._forward(request, forward)
                return Answer(500)
        return self._forward(request, forward, mishap, delay * SPAN_S.get(request.service, 0.1))

    def settle(self, seconds: float) -> bool:
        """No more mishaps; wait for what is still to come."""
        with self._idle:
            self.raging = False
            return self._idle.wait_for(lambda: self._later == 0, seconds)

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        self._in(seconds, act)

    def _draw(self, request: Request) -> tuple[Mishap | None, float]:
        with self._lock:
            self.deliveries += request.path != "/reconcile"
            drawn = self._must(request) or self._chance.choices((*SHARES, None), _WEIGHTS)[0]
            return (drawn if self.raging else None), self._chance.random()

    def _must(self, request: Request) -> Mishap | None:
        """A blow that is still owed, for a stage."""
        transcribes = request.service == "transcription-events"
        owed = [one for one in self._musts if transcribes or one is not Mishap.STARVED]
        if request.service not in SPAN_S or not owed or self._chance.random() > 0.4:
            return None
        return self._chance.choice(owed)

    def _forward(
        self, request: Request, forward: Forward, mishap: Mishap | None = None, delay: float = 0.0
    ) -> Answer:
        """With the instance known to be at work on it meanwhile, for the blows that fall."""
        task = task_of(request)
        at: list[Instance] = []

        def begun(instance: Instance) -> None:
            at.append(instance)
            with self._lock:
                self._under_way.setdefault(instance, Counter())[task] += 1
            self.watch(request, instance)
            if mishap in (Mishap.KILLED, Mishap.STARVED, Mishap.FROZEN):
                self._in(delay, lambda: self._strike(mishap, instance, task))

        try:
            return forward(request, begun)
        finally:
            with self._lock:
                for instance in at:
                    self._under_way[instance][task] -= 1

    def _strike(self, mishap: Mishap, instance: Instance, task: str) -> None:
        if mishap is Mishap.STARVED and instance.group is None:
            mishap = Mishap.KILLED
        if not self._may_strike(instance, task):
            return
        if mishap is Mishap.KILLED:
            instance.kill()
        elif mishap is Mishap.FROZEN:
            instance.freeze()
            self._in(FROZEN_S, instance.thaw)
        elif not _starve(instance):
            return
        self._count(mishap)
        with self._lock:
            if mishap in self._musts:
                self._musts.remove(mishap)

    def _may_strike(self, instance: Instance, task: str) -> bool:
        """The task is still under way, and nobody who is would be struck too often."""
        with self._lock:
            struck = [each for each, count in self._under_way[instance].items() if count > 0]
            if task not in struck or any(self._blows[each] >= MAX_BLOWS for each in struck):
                return False
            self._blows.update(each for each in struck if each.startswith(tuple(SPAN_S)))
            return True

    def spare(self, instance: Instance) -> bool:
        """Count a blow from elsewhere; False if what is under way there has had enough."""
        with self._lock:
            busy = [each for each, count in self._under_way.get(instance, Counter()).items() if count > 0]
            return bool(busy) and self._may_strike(instance, busy[0])

    def _take_over(self, request: Request, forward: Forward) -> None:
        """Others have overtaken it; if it fails now, Pub/Sub has it again."""
        if self._forward(request, forward).status >= 300:
            self.publish(_topic(request), request.body, _attributes(request))

    def _count(self, mishap: Mishap) -> None:
        with self._lock:
            self.counts[mishap] += 1

    def _in(self, seconds: float, act: Callable[[], object]) -> None:
        def run() -> None:
            try:
                act()
            finally:
                with self._idle:
                    self._later -= 1
                    self._idle.notify_all()

        with self._idle:
            self._later += 1
        timer = threading.Timer(seconds, run)
        timer.daemon = True
        timer.start()


def task_of(request: Request) -> str:
    """What a delivery asks for: the same for its repeats."""
    return f"{request.service}{request.path} {request.header('ce-type')} {request.body!r}"


def _starve(instance: Instance) -> bool:
    """Give it no more memory than it has, until the kernel kills; the container goes with it."""
    assert instance.group is not None
    before = instance.group.kills
    waited = threading.Event()
    try:
        instance.group.tighten()
        for _ in range(int(_ENOUGH_MEMORY_S / 0.05)):
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
