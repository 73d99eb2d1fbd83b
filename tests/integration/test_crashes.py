"""Kills a process at every crash point; the next process completes every accepted entry."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
import pytest

from functions.shared.domain.entries import Status
from tests.integration.crashing import TYPED, Report
from tests.support.laptop import MEMORY_FOLDER

ROOT = Path(__file__).parents[2]
STAGES = ["emotion done", "summarization done", "transcription done"]
KINDS = {
    "spoken words": sorted(STAGES),
    "long:2": sorted([*STAGES, "chunk 0 done", "chunk 1 done"]),
    TYPED: sorted([*STAGES[:2], "transcription skipped"]),
}
ALL_BOUNDARIES = {
    f"{when} {operation}"
    for when in ("before", "after")
    for operation in ("commit", "publish", "receive", "acknowledge", "put")
} | {"amid put", "before fetch"}


@pytest.fixture(scope="module", params=KINDS)
def content(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def reports(content: str) -> list[Report]:
    with tempfile.TemporaryDirectory(dir=MEMORY_FOLDER) as folder:
        command = [sys.executable, "-m", "tests.integration.crashing", folder, content]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    return [msgspec.json.decode(line, type=Report) for line in run.stdout.splitlines()]


def test_processes_are_killed_at_every_crash_point(content: str, reports: list[Report]) -> None:
    assert {report.ended_by for report in reports} == {-signal.SIGKILL}
    spoken_only = {"before put", "amid put", "after put", "before fetch"} if content == TYPED else set()
    assert {report.boundary for report in reports} == ALL_BOUNDARIES - spoken_only


def test_every_accepted_entry_becomes_ready_with_each_result_stored_once(
    content: str, reports: list[Report]
) -> None:
    for number, report in enumerate(accepted(content, reports)):
        assert report.entry is not None, (number, report)
        assert report.entry.status is Status.READY, (number, report)
        assert report.entry.summary is not None, (number, report)
        assert sorted(report.outcomes) == KINDS[content], (number, report)


def test_rejected_requests_leave_no_partial_state(content: str, reports: list[Report]) -> None:
    for report in reports[: len(reports) - len(accepted(content, reports))]:
        assert report.entry is None or report.entry.status is Status.AWAITING_AUDIO, report
        assert (report.outcomes, report.recordings) == ((), 0), report


def accepted(content: str, reports: list[Report]) -> list[Report]:
    """The reports in which the text or recording was durable before the crash."""
    names = [report.boundary for report in reports]
    return reports[names.index("after commit" if content == TYPED else "after put") :]
