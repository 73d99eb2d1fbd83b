"""Every image once a session, and the table of what was measured on them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.containers import machine
from tests.containers.machine import Image
from tests.support import summary

FUNCTIONS = ("emotion", "summarization", "transcription", "journal")


@pytest.fixture(scope="session", params=FUNCTIONS)
def image(request: pytest.FixtureRequest) -> Iterator[Image]:
    with machine.built(request.param) as one:
        yield one


@pytest.fixture(scope="session")
def measured(request: pytest.FixtureRequest) -> list[str]:
    """Lines for the end of the run."""
    return summary.lines(request.config)
