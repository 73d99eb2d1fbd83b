"""Waiting for what happens elsewhere, by looking for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event


def wait_until(holds: Callable[[], object], seconds: float = 60.0) -> None:
    """Return once it holds; raises AssertionError if it does not in time."""
    deadline = time.monotonic() + seconds
    pause = Event()
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"it did not happen in {seconds} s")
        pause.wait(0.05)
