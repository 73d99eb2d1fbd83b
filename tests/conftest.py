"""What all tests share: skipping visibly what this machine cannot run, and running in several processes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from functions.shared.runtime import artifacts
from functions.shared.runtime.settings import Settings
from tests.containers import machine
from tests.support import emulators as google
from tests.support import network, summary
from tests.support.chromium import chromium_path
from tests.support.emulator_fixtures import cloud, emulators  # noqa: F401
from tests.terraform import calls as terraform

MODELS = Settings().models_path

# No deadlines: a busy machine stalls any example. HYPOTHESIS_PROFILE=verify runs many random examples.
settings.register_profile("test", settings(), deadline=None)
settings.register_profile(
    "quick", max_examples=250, stateful_step_count=40, deadline=None, derandomize=True, database=None
)
settings.register_profile("verify", max_examples=3000, stateful_step_count=60, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))


def _fetched() -> bool:
    manifest = artifacts.load_manifest(MODELS)
    return not any(artifacts.problems(MODELS, name, manifest.artifact(name)) for name in manifest.needed())


NEEDS: dict[str, tuple[Callable[[], bool], str]] = {
    "browser": (lambda: chromium_path() is not None, "install chromium"),
    "build": (lambda: find_spec("torch") is not None, "run: make .venv/build"),
    "checkov": (lambda: terraform.checkov().exists(), terraform.CHECKOV_REMEDY),
    "containers": (machine.available, machine.REMEDY),
    "emulators": (google.available, google.REMEDY),
    "models": (_fetched, "run: samo models fetch"),
    "node": (lambda: shutil.which("node") is not None, "install Node 18 or newer"),
    "terraform": (terraform.available, terraform.REMEDY),
}
"""Marker → whether this machine has what it takes, and how to get it."""

_MISSING = pytest.StashKey[str]()

FIRST = (
    "tests/faults/",
    "tests/containers/",
    "tests/terraform/test_configurations",
    "tests/unit/transcription/test_long_audio",
    "tests/build/",
    "tests/integration/",
    "tests/browser/",
    "tests/clients/",
)
"""The slowest tests: where several processes run them, none may be left for the end."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    _skip_what_cannot_run(config, items)
    if hasattr(config, "workerinput"):
        items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next((place for place, start in enumerate(FIRST) if item.nodeid.startswith(start)), len(FIRST))


def _skip_what_cannot_run(config: pytest.Config, items: list[pytest.Item]) -> None:
    for marker, (present, remedy) in NEEDS.items():
        marked = [item for item in items if item.get_closest_marker(marker)]
        if not marked or present():
            continue
        summary.lines(config).append(f"NOT RUN: {marker} ({remedy}; {len(marked)} tests)")
        for item in marked:
            item.add_marker(pytest.mark.skip(reason=f"needs {marker}: {remedy}"))
            item.stash[_MISSING] = f"needs {marker}: {remedy}"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Where everything must run (CI=true), what cannot is a failure."""
    if os.environ.get("CI") == "true" and (missing := item.stash.get(_MISSING, None)):
        pytest.fail(missing, pytrace=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in summary.lines(config):
        terminalreporter.write_line(line, yellow=line.startswith("NOT RUN"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """How `-n 2` shares out the tests."""
    from tests.support.workers import FileScheduling

    return FileScheduling(config, log) if config.getoption("dist") == "load" else None


def pytest_sessionfinish(session: pytest.Session) -> None:
    summary.send(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    summary.receive(node.config, node)


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder of the artifacts that ship."""
    return MODELS


@pytest.fixture(scope="session")
def refusing() -> Iterator[str]:
    """An address, `host:port`, that refuses connections and that nobody else can listen at."""
    with network.refusing() as address:
        yield address


@pytest.fixture(scope="session")
def recordings(models: Path) -> Path:
    """The folder of the two recordings; tests that use it are marked `models`."""
    return models / "recordings"
