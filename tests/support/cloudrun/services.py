"""A service: instances of one function's target that start when they are called, and take turns."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec

from tests.support.cloudrun.instance import Instance
from tests.support.cloudrun.memory import MemoryGroup
from tests.support.cloudrun.records import Records

NO_INSTANCE_S = 10.0
"""How long Cloud Run lets a request wait for an instance, before it answers 429."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """What Terraform says of a service.

    Attributes:
        audience: whom the platform's tokens are for; empty: a public service.
        timeout_s: until a request is answered 504; the code goes on all the same.
        wrappers: the beginning of an instance's command, an instance each.
        limited: each instance lives in a memory group of its own.
    """

    name: str
    function: str
    target: str
    signature: str
    audience: str = ""
    concurrency: int = 8
    timeout_s: float = 60.0
    wrappers: tuple[tuple[str, ...], ...] = ((),)
    limited: bool = False

    def environment(self) -> dict[str, str]:
        return {
            "FUNCTION_TARGET": self.target,
            "FUNCTION_SIGNATURE_TYPE": self.signature,
            "FUNCTION_SOURCE": f"functions/{self.function}/main.py",
        }


class NoInstance(Exception):
    """Every instance was busy for as long as Cloud Run lets a request wait."""


class Service:
    """The instances of one kind; each takes at most its concurrency of requests at a time."""

    def __init__(self, kind: Kind, environment: Mapping[str, str], records: Records) -> None:
        self.kind = kind
        everything = {**environment, **kind.environment()}
        self.instances = [
            Instance(kind.name, everything, records, wrapper, _group(kind, number))
            for number, wrapper in enumerate(kind.wrappers)
        ]
        self._busy = [0] * len(self.instances)
        self._free = threading.Condition()
        self._turn = 0

    @contextmanager
    def instance(self) -> Iterator[Instance]:
        """One with room for a request, started if it was not running; raises NoInstance."""
        number = self._acquire()
        try:
            self.instances[number].start()
            yield self.instances[number]
        finally:
            with self._free:
                self._busy[number] -= 1
                self._free.notify()

    def close(self) -> None:
        for instance in self.instances:
            instance.close()

    def _acquire(self) -> int:
        with self._free:
            if not self._free.wait_for(lambda: self._next() is not None, NO_INSTANCE_S):
                raise NoInstance(self.kind.name)
            number = self._next()
            assert number is not None
            self._busy[number] += 1
            self._turn = number + 1
            return number

    def _next(self) -> int | None:
        """Whose turn it is, of those with room."""
        count = len(self.instances)
        turns = ((self._turn + step) % count for step in range(count))
        return next((number for number in turns if self._busy[number] < self.kind.concurrency), None)


def _group(kind: Kind, number: int) -> MemoryGroup | None:
    if not kind.limited:
        return None
    try:
        return MemoryGroup(f"samo-{kind.name}-{number}-{id(kind):x}")
    except OSError:
        return None
