"""Skips tests that this machine cannot run, and reports them and measurements at the end."""

from __future__ import annotations

import os
import shutil
from collections import Counter
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
from tests.support import network
from tests.support.chromium import chromium_path
from tests.support.emulator_fixtures import cloud, emulators  # noqa: F401
from tests.terraform import calls as terraform

MODELS = Settings().models_path
ROOT = Path(__file__).parents[1]

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
    "node": (lambda: shutil.which("node") is not None, "install Node 20 or newer"),
    "npm": (lambda: (ROOT / "node_modules" / "openai").is_dir(), "install Node, run: npm ci"),
    "terraform": (terraform.available, terraform.REMEDY),
}
"""Marker → whether this machine can run its tests, and otherwise what to do."""

NOT_RUN = "NOT RUN: "

MEASURED = "measured"
"""Property of a test: a line to print at the end of the run."""


SLOWEST_FIRST = (
    "tests/faults/",
    "tests/containers/",
    "tests/terraform/test_configurations",
    "tests/unit/transcription/test_long_audio",
    "tests/build/",
    "tests/integration/",
    "tests/browser/",
    "tests/clients/",
)
"""In parallel runs the slowest tests start first, so that no worker ends with one of them."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    _mark_what_cannot_run(items)
    if hasattr(config, "workerinput"):
        items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    ranks = (rank for rank, prefix in enumerate(SLOWEST_FIRST) if item.nodeid.startswith(prefix))
    return next(ranks, len(SLOWEST_FIRST))


def _mark_what_cannot_run(items: list[pytest.Item]) -> None:
    for marker, (present, remedy) in NEEDS.items():
        marked = [item for item in items if item.get_closest_marker(marker)]
        if not marked or present():
            continue
        for item in marked:
            item.add_marker(pytest.mark.cannot_run(f"{marker} ({remedy})"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One worker per CPU and one more: a third of the time, tests wait for recordings, disks and retries."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    from tests.distribution import ByFileOrImage

    return ByFileOrImage(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what this machine cannot run; fail in CI, where everything must run."""
    if (marker := item.get_closest_marker("cannot_run")) is None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"cannot run: {marker.args[0]}", pytrace=False)
    pytest.skip(NOT_RUN + marker.args[0])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [report.longrepr for report in terminalreporter.stats.get("skipped", [])]
    reasons = [longrepr[2].partition(NOT_RUN) for longrepr in skipped if isinstance(longrepr, tuple)]
    for needs, tests in Counter(needs for _, found, needs in reasons if found).items():
        terminalreporter.write_line(f"{NOT_RUN}{needs}; {tests} tests", yellow=True)
    for report in terminalreporter.stats.get("passed", []):
        for name, line in report.user_properties:
            if name == MEASURED:
                terminalreporter.write_line(line)


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
