from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.shared.domain.entries import Stage
from functions.shared.observability import logs, tracing

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


def test_an_event_is_one_json_line_for_cloud_logging(capsys: pytest.CaptureFixture[str]) -> None:
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


def test_a_failure_logs_the_error_type_and_stack_without_the_message(
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


def test_messages_of_chained_errors_are_not_logged(
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


def test_the_time_is_rfc_3339_with_a_fraction(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    logs.event("reconciled", woken=0)

    (line,) = logged(capsys)
    time = datetime.fromisoformat(line["time"])
    assert time.tzinfo is UTC
    assert abs(datetime.now(UTC) - time) < timedelta(minutes=1)
    assert len(line["time"].partition(".")[2]) >= 6


def test_with_a_project_lines_have_trace_and_labels(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(project="samo-prod", labels={"target": "serve"})
    trace = tracing.begin("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    logs.event("reconciled", woken=0)

    (line,) = logged(capsys)
    assert line["logging.googleapis.com/trace"] == f"projects/samo-prod/traces/{trace.trace_id}"
    assert line["logging.googleapis.com/spanId"] == trace.span_id
    assert line["logging.googleapis.com/trace_sampled"] is True
    assert line["logging.googleapis.com/labels"] == {"target": "serve"}


def test_a_line_that_cannot_be_written_is_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    logs.event("reconciled", woken={SECRET})

    assert logged(capsys) == []


def test_audit_lines_state_the_action_and_a_pseudonym(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    logs.audit("delete", "somebody@example.org", "e1")
    logs.audit("read", "somebody@example.org", "e2")
    logs.audit("read", "somebody.else@example.org", "e3")

    first, second, third = logged(capsys)
    assert (first["message"], first["action"], first["entry"]) == ("audit", "delete", "e1")
    assert first["actor"] == second["actor"] != third["actor"]
    assert first["actor"] == logs.pseudonym("somebody@example.org")
    assert "example.org" not in json.dumps([first, second, third])
