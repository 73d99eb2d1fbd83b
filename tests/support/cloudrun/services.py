"""A Cloud Run service: instances of one function's target, started on demand and used in turn."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec

from tests.support.cloudrun.instance import Instance
from tests.support.cloudrun.memory import MemoryGroup
from tests.support.cloudrun.records import Records

NO_INSTANCE_S = 10.0
"""How long Cloud Run lets a request wait for an instance before it responds 429."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """The configuration of a service, as in Terraform.

    Attributes:
        audience: of the platform's tokens; empty for a public service.
        timeout_s: after which a request is answered 504, although the code keeps running.
        wrappers: command prefixes; one instance for each.
        limited: each instance runs in its own memory control group.
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
    """Every instance stayed busy for NO_INSTANCE_S."""


class Service:
    """The instances of a service; each handles at most `concurrency` requests at a time."""

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
        """An instance with free capacity, started if necessary; raises NoInstance."""
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
        """The next instance in turn that has free capacity."""
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
