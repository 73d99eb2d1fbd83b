"""Builds each image once per session, and prints the measurements at its end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.containers import machine
from tests.containers.machine import Image

FUNCTIONS = ("emotion", "summarization", "transcription", "journal")

_MEASURED = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session", params=FUNCTIONS)
def image(request: pytest.FixtureRequest) -> Iterator[Image]:
    with machine.built(request.param) as built:
        yield built


@pytest.fixture(scope="session")
def measured(request: pytest.FixtureRequest) -> list[str]:
    """Lines to print at the end of the run."""
    return request.config.stash.setdefault(_MEASURED, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(_MEASURED, []):
        terminalreporter.write_line(line)
