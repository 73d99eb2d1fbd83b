"""Every backend in turn."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.shared.ports import AudioStore, EntryStore
from tests.contract.harness import AUDIO_STORES, BUSES, STORES, BusHarness


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> EntryStore:
    return STORES[request.param](tmp_path)


@pytest.fixture(params=AUDIO_STORES)
def audio(request: pytest.FixtureRequest, tmp_path: Path) -> AudioStore:
    return AUDIO_STORES[request.param](tmp_path)


@pytest.fixture(params=BUSES)
def harness(request: pytest.FixtureRequest, tmp_path: Path) -> BusHarness:
    return BUSES[request.param](tmp_path)
