"""Structured logs: one JSON object a line, in the fields Cloud Logging reads.

Only named facts are logged (ids, codes, durations, counts), never what a journal says.
https://cloud.google.com/logging/docs/structured-logging
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

_LOGGER = logging.getLogger("samo")


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "severity": record.levelname,
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            fields["error"] = record.exc_info[0].__name__
            fields["where"] = _where(record.exc_info[2])
        return json.dumps(fields)


def _where(traceback: Any) -> list[str]:
    """The call chain as file:line, without messages or values, which might quote a journal."""
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return frames


def configure(level: int = logging.INFO) -> None:
    """Send SAMO's logs to standard error as JSON lines.

    A line that cannot be written is dropped: logging would print it whole, journal words included.
    """
    logging.raiseExceptions = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter())
    _LOGGER.handlers[:] = [handler]
    _LOGGER.setLevel(level)
    _LOGGER.propagate = False


def event(message: str, **facts: object) -> None:
    """Log a fact."""
    _LOGGER.info(message, extra={"facts": facts})


def failure(message: str, **facts: object) -> None:
    """Log the exception being handled: its type and where it came from, not its words."""
    _LOGGER.error(message, exc_info=True, extra={"facts": facts})
