"""Ports that record every call, for tests of how many a request needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functions.shared.ports import Ports


def count_calls(ports: Ports) -> tuple[Ports, list[str]]:
    """The same ports, and the list to which they append each call, such as `store.get`."""
    calls: list[str] = []
    names = ("store", "audio", "bus", "records", "exports")
    return Ports(*(_Counted(name, getattr(ports, name), calls.append) for name in names)), calls


class _Counted:
    """Forwards to a port and records the calls of its methods."""

    def __init__(self, name: str, port: Any, record: Callable[[str], None]) -> None:
        self._name = name
        self._port = port
        self._record = record

    def __getattr__(self, method: str) -> Any:
        call = getattr(self._port, method)

        def counted(*args: Any, **options: Any) -> Any:
            self._record(f"{self._name}.{method}")
            return call(*args, **options)

        return counted
