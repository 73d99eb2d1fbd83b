"""Builds each image once per session, and prints the measurements at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import MEASURED
from tests.containers import machine
from tests.containers.machine import Image

FUNCTIONS = ("emotion", "summarization", "transcription", "journal")


@pytest.fixture(scope="session", params=FUNCTIONS)
def image(request: pytest.FixtureRequest) -> Iterator[Image]:
    with machine.built(request.param) as built:
        yield built


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Call it with a line to print at the end of the run."""
    return lambda line: record_property(MEASURED, line)
