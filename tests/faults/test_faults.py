"""A short fault run; `python -m tests.faults --entries 1000` is the long one."""

from __future__ import annotations

import os

import pytest

from tests.faults.delivery_faults import Fault
from tests.faults.duplicates import DUPLICATES
from tests.faults.run import CLOCK, MEMORY, MET, Report, run
from tests.faults.table import table

pytestmark = [pytest.mark.emulators, pytest.mark.models]


@pytest.fixture(scope="module")
def report() -> Report:
    finished = run(50, seed=1, attempts=20)
    print(table(finished))
    return finished


def test_every_kind_of_fault_was_injected(report: Report) -> None:
    planned = {str(fault) for fault in Fault} - (set() if MEMORY not in report.not_run else {Fault.STARVED})
    outages = {"Firestore out of reach", "Pub/Sub out of reach", "SIGKILL of the journal"}
    assert planned | outages <= {str(name) for name in report.happened}
    assert CLOCK in report.not_run or report.findings.wrong_clock > 0
    assert report.not_run == [] or os.environ.get("CI") != "true"


def test_duplicates_that_meet_a_held_lease_are_acknowledged(report: Report) -> None:
    assert report.happened[MET] >= DUPLICATES


def test_no_accepted_entry_is_lost(report: Report) -> None:
    assert report.findings.lost == []


def test_no_work_is_done_twice(report: Report) -> None:
    assert report.findings.doubled == []


def test_only_poison_messages_are_dead_lettered(report: Report) -> None:
    assert report.findings.dead_healthy == []
    assert report.findings.dead_poison == 1


def test_deleted_entries_leave_only_a_tombstone(report: Report) -> None:
    assert report.findings.remains == []


def test_logs_contain_no_journal_text(report: Report) -> None:
    assert report.findings.leaks == 0
