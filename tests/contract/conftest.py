"""Fixtures that run each test on every backend; Google's backends need the emulators."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from functions.shared.ports import AudioStore, EntryStore, RecordStore
from tests.contract.buses import BUSES
from tests.contract.harness import AUDIO_STORES, RECORD_STORES, STORES, UPLOAD_STORES, BusHarness, Place

LOCAL = frozenset({"sqlite", "folder"})


def backends(names: Iterable[str]) -> list[Any]:
    return [pytest.param(name, marks=() if name in LOCAL else pytest.mark.emulators) for name in names]


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(tmp_path, lambda: request.getfixturevalue("cloud"))


@pytest.fixture(params=backends(STORES))
def store(request: pytest.FixtureRequest, place: Place) -> EntryStore:
    return STORES[request.param](place)


@pytest.fixture(params=backends(RECORD_STORES))
def records(request: pytest.FixtureRequest, place: Place) -> RecordStore:
    return RECORD_STORES[request.param](place)


@pytest.fixture(params=backends(AUDIO_STORES))
def audio(request: pytest.FixtureRequest, place: Place) -> AudioStore:
    return AUDIO_STORES[request.param](place)


@pytest.fixture(params=backends(UPLOAD_STORES))
def upload_store(request: pytest.FixtureRequest, place: Place) -> AudioStore:
    return AUDIO_STORES[request.param](place)


@pytest.fixture(params=backends(BUSES))
def harness(request: pytest.FixtureRequest, place: Place) -> BusHarness:
    return BUSES[request.param](place)
