"""The search benchmark's corpus follows its rules, and its checker reports every kind of violation."""

from __future__ import annotations

import pytest

pytest.importorskip("snowballstemmer", exc_type=ImportError)

from tests.benchmarks.memory_lane import check
from tests.benchmarks.memory_lane.check import Entry, Query

SLEEPLESS = " ".join(["I couldn't sleep before the chemistry exam and ran to the bus at 7."] * 3)


def test_the_corpus_has_no_violations() -> None:
    assert check.violations(check.load_entries(), check.load_queries()) == []


@pytest.mark.parametrize(
    ("query", "shared"),
    [
        ("sleeping badly that awful night", "sleep"),
        ("the evening of the exams, restless", "exam"),
        ("I missed my seven o'clock ride", "7"),
        ("Chemistry's horrors kept me up", "chemistri"),
    ],
)
def test_a_query_that_shares_words_with_its_target_is_reported(query: str, shared: str) -> None:
    violations = check.violations([Entry("e001", SLEEPLESS)], [Query(query, "e001")])

    assert f"e001: shares {shared} with its query: {query}" in violations


def test_shared_function_words_are_allowed() -> None:
    assert not any("shares" in line for line in _violations("I could not rest before it and lay there"))


@pytest.mark.parametrize(
    ("entries", "queries", "expected"),
    [
        ([Entry("e001", SLEEPLESS)] * 2, [], "e001: an id used twice"),
        ([Entry("e001", SLEEPLESS), Entry("e002", SLEEPLESS)], [], f"a text used twice: {SLEEPLESS}"),
        ([Entry("one", SLEEPLESS)], [], "one: not an id of the form e123"),
        ([Entry("e001", "Too short.")], [], "e001: 2 words"),
        ([Entry("e001", SLEEPLESS)], [Query("a restless night", "e009")], "e009: the target of"),
        ([Entry("e001", SLEEPLESS)], [Query("restless", "e001")], "e001: a query of 1 words: restless"),
        ([Entry("e001", SLEEPLESS)], [Query("what was it about then", "e001")], "e001: a query without"),
        ([Entry("e001", SLEEPLESS)], [Query("a dire night", "e001")] * 2, "e001: the target of two"),
        ([], [], f"0 entries, not {check.ENTRIES}"),
        ([], [], f"0 queries, not {check.QUERIES}"),
    ],
)
def test_each_violation_is_reported(entries: list[Entry], queries: list[Query], expected: str) -> None:
    assert any(line.startswith(expected) for line in check.violations(entries, queries))


def _violations(query: str) -> list[str]:
    return check.violations([Entry("e001", SLEEPLESS)], [Query(query, "e001")])
