"""Structured logs: one JSON object per line, with the fields that Cloud Logging reads.

Logs contain IDs, codes, durations and counts, never journal text. Metrics are derived from the same events.
https://cloud.google.com/logging/docs/structured-logging
"""

from __future__ import annotations

import hashlib
import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal

from functions.shared.observability import metrics, tracing

_LOGGER = logging.getLogger("samo")

Action = Literal["read", "edit", "delete", "export"]


class _JsonFormatter(logging.Formatter):
    def __init__(self, project: str = "", labels: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._project = project
        self._labels = {"logging.googleapis.com/labels": labels} if labels else {}

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "severity": record.levelname,
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds"),
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
            **tracing.fields(self._project),
            **self._labels,
        }
        if record.exc_info and record.exc_info[0] is not None:
            fields["error"] = record.exc_info[0].__name__
            fields["where"] = _where(record.exc_info[2])
        return json.dumps(fields)


def _where(traceback: TracebackType | None) -> list[str]:
    """The stack as file:line, without messages or values, which might quote a journal."""
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return frames


def configure(level: int = logging.INFO, project: str = "", labels: Mapping[str, str] | None = None) -> None:
    """Write SAMO's logs to standard error as JSON lines, linked to the traces of `project` if given.

    Lines that cannot be written are dropped, because `logging` would print them including their arguments.
    """
    logging.raiseExceptions = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter(project, labels))
    _LOGGER.handlers[:] = [handler]
    _LOGGER.setLevel(level)
    _LOGGER.propagate = False


def event(message: str, **facts: object) -> None:
    """Log an event and update the metrics derived from it."""
    metrics.observe(message, facts)
    _LOGGER.info(message, extra={"facts": facts})


def failure(message: str, **facts: object) -> None:
    """Log the exception being handled: its type and stack, not its message."""
    _LOGGER.error(message, exc_info=True, extra={"facts": facts})


def audit(action: Action, uid: str, entry_id: str) -> None:
    """Log who read or changed which entry; the user appears as a pseudonym."""
    event("audit", action=action, entry=entry_id, actor=pseudonym(uid))


def pseudonym(uid: str) -> str:
    """A hash of the user ID: those who know the ID can find its log lines, but not the reverse."""
    return hashlib.sha256(f"samo-actor\x1f{uid}".encode()).hexdigest()[:16]
