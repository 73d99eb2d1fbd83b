"""The corpus that judges memory lane keeps its own rules, and its checker sees a breach of each."""

from __future__ import annotations

import pytest

pytest.importorskip("snowballstemmer", exc_type=ImportError)

from tests.benchmarks.memory_lane import check
from tests.benchmarks.memory_lane.check import Entry, Query

SLEEPLESS = " ".join(["I couldn't sleep before the chemistry exam and ran to the bus at 7."] * 3)


def test_the_corpus_keeps_every_rule() -> None:
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
def test_a_query_in_its_target_s_words_is_found_out(query: str, shared: str) -> None:
    found = check.violations([Entry("e001", SLEEPLESS)], [Query(query, "e001")])

    assert f"e001: shares {shared} with its query: {query}" in found


def test_function_words_are_no_words_of_its_own() -> None:
    assert not any("shares" in line for line in _found("I could not rest before it and lay there"))


@pytest.mark.parametrize(
    ("entries", "queries", "found"),
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
def test_each_breach_is_listed(entries: list[Entry], queries: list[Query], found: str) -> None:
    assert any(line.startswith(found) for line in check.violations(entries, queries))


def _found(query: str) -> list[str]:
    return check.violations([Entry("e001", SLEEPLESS)], [Query(query, "e001")])
