"""Waits for a condition by polling it."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event


def wait_until(condition: Callable[[], object], seconds: float = 120.0) -> None:
    """Returns once the condition holds; raises AssertionError if it does not in time."""
    deadline = time.monotonic() + seconds
    pause = Event()
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"the condition did not hold within {seconds} s")
        pause.wait(0.05)
