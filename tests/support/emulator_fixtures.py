"""Emulator fixtures: started once per session (and test process), with a new project for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.cloud import Cloud
from tests.support.emulators import Emulators, running


@pytest.fixture(scope="session")
def emulators() -> Iterator[Emulators]:
    with running() as started:
        yield started


@pytest.fixture
def cloud(emulators: Emulators, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """An empty project; Google's clients in this process use the emulators during the test."""
    for variable, value in emulators.environment().items():
        monkeypatch.setenv(variable, value)
    return emulators.cloud()
