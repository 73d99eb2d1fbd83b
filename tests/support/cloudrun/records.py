"""The services' log lines, as Cloud Logging would store them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec


class Line(msgspec.Struct, frozen=True):
    """One line of an instance's standard error; `fields` is empty if it is not JSON.

    Attributes:
        at: time of arrival by this process's clock.
    """

    service: str
    raw: str
    fields: dict[str, Any]
    at: datetime

    def says(self, message: str, **facts: object) -> bool:
        return self.fields.get("message") == message and facts.items() <= self.fields.items()


class Records:
    """Every line of every service, in the order of arrival."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._lines: list[Line] = []

    def add(self, service: str, raw: str) -> None:
        try:
            fields = json.loads(raw)
        except ValueError:
            fields = {}
        with self._changed:
            self._lines.append(
                Line(service, raw, fields if isinstance(fields, dict) else {}, datetime.now(UTC))
            )
            self._changed.notify_all()

    def all(self) -> list[Line]:
        with self._changed:
            return list(self._lines)

    def find(self, message: str, **facts: object) -> list[Line]:
        return [line for line in self.all() if line.says(message, **facts)]

    def await_lines(self, enough: Callable[[list[Line]], bool], seconds: float = 120.0) -> list[Line]:
        """All lines, once `enough` accepts them; raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: enough(self._lines), seconds):
                raise TimeoutError("the services did not log the expected lines")
            return list(self._lines)

    def await_message(self, message: str, *, seconds: float = 120.0, **facts: object) -> Line:
        """The first matching line; raises TimeoutError."""
        lines = self.await_lines(
            lambda lines: any(line.says(message, **facts) for line in lines), seconds=seconds
        )
        return next(line for line in lines if line.says(message, **facts))
