from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from functions.shared import logs
from functions.shared.entries import Stage

SECRET = "my secret journal"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    logger = logging.getLogger("samo")
    before = logger.handlers[:], logger.level, logger.propagate
    yield
    logger.handlers[:], logger.level, logger.propagate = before


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


def test_a_fact_is_one_json_line_that_cloud_logging_reads(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    logs.configure()
    logs.event("delivery", stage=Stage.EMOTION, chunk=None, duration_ms=1.5, name="two\nlines")

    (line,) = logged(capsys)
    assert line.pop("time")
    assert line == {
        "severity": "INFO",
        "message": "delivery",
        "stage": "emotion",
        "chunk": None,
        "duration_ms": 1.5,
        "name": "two\nlines",
    }


def test_a_failure_names_the_error_and_where_it_came_from_but_not_its_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure()

    def reads_a_journal() -> None:
        raise ValueError(SECRET)

    try:
        reads_a_journal()
    except ValueError:
        logs.failure("work failed", entry="e")

    (line,) = logged(capsys)
    assert SECRET not in json.dumps(line)
    assert (line["severity"], line["message"], line["error"]) == ("ERROR", "work failed", "ValueError")
    assert line["entry"] == "e"
    assert line["where"][-1].startswith("test_logs.py:")
    assert line["where"][-1].endswith(" reads_a_journal")


def test_the_words_of_an_error_behind_the_error_are_not_logged_either(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure()
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise RuntimeError(f"cannot read {SECRET}") from error
    except RuntimeError:
        logs.failure("work failed")

    assert SECRET not in json.dumps(logged(capsys))
