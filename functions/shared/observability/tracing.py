"""Propagates trace IDs, which link a request's log lines and the events that follow from it.

No spans are recorded or exported; incoming IDs are only passed on.
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
    """A trace ID (32 hex digits), a span ID (16 hex digits), and whether the trace is sampled upstream."""

    trace_id: str
    span_id: str
    sampled: bool = False


_current: ContextVar[Trace | None] = ContextVar("samo_trace", default=None)


def begin(traceparent: str | None, cloud_trace: str | None = None) -> Trace:
    """Set the current trace from the W3C header, else from X-Cloud-Trace-Context, else to a new one.

    Call it for every request and event, because threads are reused.
    """
    trace = _from_w3c(traceparent or "") or _from_cloud(cloud_trace or "") or _new()
    _current.set(trace)
    return trace


def current() -> Trace | None:
    """The current trace, if any."""
    return _current.get()


def traceparent() -> str:
    """A `traceparent` header for follow-up work: the current trace with a new span ID."""
    trace = current() or _new()
    return f"00-{trace.trace_id}-{_span_id()}-{int(trace.sampled):02x}"


def fields(project: str) -> dict[str, str | bool]:
    """The log fields that link to the trace in Cloud Logging; none without a trace or a project."""
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
    """The trace, or None if one of its IDs is all zeros."""
    return trace if trace.trace_id.strip("0") and trace.span_id.strip("0") else None


def _new() -> Trace:
    return Trace(secrets.token_hex(16), _span_id())


def _span_id() -> str:
    return secrets.token_hex(8)
