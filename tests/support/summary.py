"""Lines for the end of a test run; those of pytest-xdist's worker processes reach the controller."""

from __future__ import annotations

from typing import Any

import pytest

_LINES = pytest.StashKey[list[str]]()
_KEY = "samo_summary"


def lines(config: pytest.Config) -> list[str]:
    """This process's lines, to append to."""
    return config.stash.setdefault(_LINES, [])


def send(config: pytest.Config) -> None:
    """In a worker process: hand the lines to the controller. In any other: nothing."""
    if (output := getattr(config, "workeroutput", None)) is not None:
        output[_KEY] = lines(config)


def receive(config: pytest.Config, worker: Any) -> None:
    """In the controller: take a worker's lines, each once."""
    known = lines(config)
    known += [line for line in getattr(worker, "workeroutput", {}).get(_KEY, []) if line not in known]
