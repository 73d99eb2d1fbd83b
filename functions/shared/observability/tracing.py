"""The trace a request or event belongs to, so that its log lines and the events it leaves are found together.

Nothing is measured or exported here: ids that came in are passed on.
https://www.w3.org/TR/trace-context/ and https://cloud.google.com/logging/docs/structured-logging
"""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar

import msgspec

_TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_CLOUD_TRACE = re.compile(r"([0-9a-f]{32})(?:/([0-9]{1,20}))?(?:;o=([0-9]+))?")


class Trace(msgspec.Struct, frozen=True):
    """32 hexadecimal digits, 16 of them, and whether somebody upstream records this trace."""

    trace_id: str
    span_id: str
    sampled: bool = False


_current: ContextVar[Trace | None] = ContextVar("samo_trace", default=None)


def begin(traceparent: str | None, cloud_trace: str | None = None) -> Trace:
    """Work begins under the caller's trace: its W3C header, else X-Cloud-Trace-Context, else a fresh one.

    Every request and event begins anew, because its thread served others before.
    """
    trace = _from_w3c(traceparent or "") or _from_cloud(cloud_trace or "") or _fresh()
    _current.set(trace)
    return trace


def current() -> Trace | None:
    """The trace begun in this context, if any."""
    return _current.get()


def traceparent() -> str:
    """The header for what follows from this work: the same trace, a span of its own."""
    trace = current() or _fresh()
    return f"00-{trace.trace_id}-{_span_id()}-{int(trace.sampled):02x}"


def fields(project: str) -> dict[str, str | bool]:
    """What ties a log line to the trace in Cloud Logging; nothing outside a trace or a project."""
    trace = current()
    if trace is None or not project:
        return {}
    return {
        "logging.googleapis.com/trace": f"projects/{project}/traces/{trace.trace_id}",
        "logging.googleapis.com/spanId": trace.span_id,
        "logging.googleapis.com/trace_sampled": trace.sampled,
    }


def _from_w3c(header: str) -> Trace | None:
    match = _TRACEPARENT.fullmatch(header.strip())
    if match is None or (match[1] == "00" and match[5]):
        return None
    return _valid(Trace(match[2], match[3], bool(int(match[4], 16) & 1)))


def _from_cloud(header: str) -> Trace | None:
    """`TRACE/SPAN;o=1`, the span in decimal. https://cloud.google.com/trace/docs/trace-context"""
    match = _CLOUD_TRACE.fullmatch(header.strip())
    if match is None:
        return None
    span = int(match[2] or 0)
    span_id = f"{span:016x}" if 0 < span < 2**64 else _span_id()
    return _valid(Trace(match[1], span_id, match[3] == "1"))


def _valid(trace: Trace) -> Trace | None:
    """An id of zeros alone is no id."""
    return trace if trace.trace_id.strip("0") and trace.span_id.strip("0") else None


def _fresh() -> Trace:
    return Trace(secrets.token_hex(16), _span_id())


def _span_id() -> str:
    return secrets.token_hex(8)
