"""Skips tests that this machine cannot run, and reports them and measurements at the end."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from functions.shared.runtime import artifacts
from functions.shared.runtime.settings import Settings
from tests.containers import machine
from tests.support import emulators as google
from tests.support.chromium import chromium_path
from tests.support.emulator_fixtures import cloud, emulators  # noqa: F401
from tests.terraform import calls as terraform

MODELS = Settings().models_path


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
"""Marker → whether this machine can run its tests, and otherwise what to do."""

NOT_RUN = "NOT RUN: "

MEASURED = "measured"
"""Property of a test: a line to print at the end of the run."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for marker, (present, remedy) in NEEDS.items():
        marked = [item for item in items if item.get_closest_marker(marker)]
        if not marked or present():
            continue
        for item in marked:
            item.add_marker(pytest.mark.cannot_run(f"{marker} ({remedy})"))


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
def recordings(models: Path) -> Path:
    """The folder of the two recordings; tests that use it are marked `models`."""
    return models / "recordings"
