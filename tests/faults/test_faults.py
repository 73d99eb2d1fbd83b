"""The fault run with few entries; `python -m tests.faults --entries 1000` is the whole of it."""

from __future__ import annotations

import os

import pytest

from tests.faults.burst import DUPLICATES
from tests.faults.chaos import Mishap
from tests.faults.run import CLOCK, MEMORY, MET, Report, run
from tests.faults.table import table

pytestmark = [pytest.mark.emulators, pytest.mark.models]


@pytest.fixture(scope="module")
def report() -> Report:
    made = run(50, seed=1, attempts=20)
    print(table(made))
    return made


def test_every_kind_of_fault_really_happened(report: Report) -> None:
    planned = {str(one) for one in Mishap} - (set() if MEMORY not in report.not_run else {Mishap.STARVED})
    others = {"Firestore out of reach", "Pub/Sub out of reach", "SIGKILL of the journal"}
    assert planned | others <= {str(what) for what in report.happened}
    assert CLOCK in report.not_run or report.findings.wrong_clock > 0
    assert report.not_run == [] or os.environ.get("CI") != "true"


def test_duplicates_by_the_dozen_meet_a_held_lease_and_are_acknowledged(report: Report) -> None:
    assert report.happened[MET] >= DUPLICATES


def test_nothing_accepted_is_lost(report: Report) -> None:
    assert report.findings.lost == []


def test_nothing_is_done_twice(report: Report) -> None:
    assert report.findings.doubled == []


def test_only_the_poison_is_given_up(report: Report) -> None:
    assert report.findings.dead_healthy == []
    assert report.findings.dead_poison == 1


def test_deleted_entries_leave_a_tombstone_and_nothing_else(report: Report) -> None:
    assert report.findings.remains == []


def test_no_log_holds_what_was_written(report: Report) -> None:
    assert report.findings.leaks == 0
