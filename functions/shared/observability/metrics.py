"""Prometheus metrics, derived from logged events.

`METRICS` maps the message of an event to its metric. Label values come from closed sets, otherwise they read
"other"; they are never IDs or text. prometheus_client is imported only to write the text format.
https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from functions.shared.domain.entries import Source, Stage
from functions.shared.domain.outcomes import DeliveryOutcome

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric as Family

OTHER = "other"
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
STATUS_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
WEBHOOK_OUTCOMES = ("accepted", "failed", "gone", "superseded")
FAILURE_CODES = (
    "audio_gone",
    "audio_missing",
    "audio_too_long",
    "chunk_unknown",
    "crashed",
    "empty_audio",
    "engine_unavailable",
    "no_audio_stream",
    "retries_exhausted",
    "transcript_missing",
    "undecodable_audio",
)

T = TypeVar("T")
Facts = Mapping[str, object]


class Label(msgspec.Struct, frozen=True):
    """The field that a label is read from, and its permitted values, to which `allow` may add."""

    fact: str
    allowed: set[str]
    read: Callable[[object], str] = str

    def value(self, facts: Facts) -> str:
        value = self.read(facts.get(self.fact))
        return value if value in self.allowed else OTHER


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """A metric derived from an event: a counter of events or amounts, or a histogram of durations.

    Attributes:
        duration_ms: the field with a duration; makes the metric a histogram in seconds.
        amount: the field with a number to add to the counter.
        once: the value is 1, however often the event is logged.
    """

    name: str
    help: str
    labels: Mapping[str, Label] = {}
    duration_ms: str = ""
    amount: str = ""
    once: bool = False


def _label(fact: str, values: Iterable[str] = (), read: Callable[[object], str] = str) -> Label:
    return Label(fact, set(values), read)


_ROUTES = _label("route")
_VERSIONS = _label("model_version")
_STAGE = _label("stage", Stage)

METRICS: Mapping[str, Metric] = {
    "request": Metric(
        name="samo_request_duration_seconds",
        help="Requests by route template, method and status class.",
        labels={
            "route": _ROUTES,
            "method": _label("method", METHODS),
            "status": _label("status", STATUS_CLASSES, lambda status: f"{str(status)[:1]}xx"),
        },
        duration_ms="duration_ms",
    ),
    "delivery": Metric(
        name="samo_stage_duration_seconds",
        help="Deliveries of events to a stage, by outcome.",
        labels={"stage": _STAGE, "verdict": _label("verdict", DeliveryOutcome)},
        duration_ms="duration_ms",
    ),
    "insight": Metric(
        name="samo_insight_duration_seconds",
        help="From receiving a recording or text to its finished insight.",
        labels={"source": _label("source", Source)},
        duration_ms="duration_ms",
    ),
    "cold start": Metric(
        name="samo_cold_start_duration_seconds",
        help="From the start of the process to its first response.",
        duration_ms="duration_ms",
    ),
    "entry failed": Metric(
        name="samo_entries_failed",
        help="Failed stages by error code.",
        labels={"stage": _STAGE, "code": _label("code", FAILURE_CODES)},
    ),
    "reconciled": Metric(
        name="samo_reconciler_wakeups", help="Stalled entries found by the reconciler.", amount="woken"
    ),
    "dead letter": Metric(name="samo_dead_letters", help="Events that failed every delivery attempt."),
    "webhook": Metric(
        name="samo_webhooks",
        help="Webhook calls by outcome.",
        labels={"outcome": _label("outcome", WEBHOOK_OUTCOMES)},
    ),
    "model": Metric(
        name="samo_model",
        help="The model version that this process has loaded for a stage.",
        labels={"stage": _STAGE, "model_version": _VERSIONS},
        once=True,
    ),
}


_Series = tuple[str, tuple[str, ...]]
"""The message of an event, and the label values of its metric."""


class _Histogram:
    """Counts of durations by bucket, and their sum."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS_S) + 1)
        self.sum_s = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(BUCKETS_S, seconds)] += 1
        self.sum_s += seconds

    def buckets(self) -> list[tuple[str, float]]:
        return list(zip((*map(str, BUCKETS_S), "+Inf"), accumulate(self.counts), strict=True))


class MetricsCollector:
    """The metrics since the process started; implements prometheus_client's collector."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[_Series, float] = {}
        self._histograms: dict[_Series, _Histogram] = {}

    def observe(self, message: str, facts: Facts) -> None:
        """Update the event's metric, if it has one; ignore events without the number to add."""
        metric = METRICS.get(message)
        if metric is None:
            return
        field = metric.duration_ms or metric.amount
        number = facts.get(field) if field else 1
        if not isinstance(number, int | float):
            return
        series = message, tuple(label.value(facts) for label in metric.labels.values())
        with self._lock:
            if metric.duration_ms:
                self._histograms.setdefault(series, _Histogram()).add(number / 1000)
            else:
                self._counts[series] = number if metric.once else self._counts.get(series, 0) + number

    def collect(self) -> Iterator[Family]:
        for message, metric in METRICS.items():
            with self._lock:
                family = self._family(message, metric)
            yield family

    def _family(self, message: str, metric: Metric) -> Family:
        from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, InfoMetricFamily

        if metric.duration_ms:
            histogram = HistogramMetricFamily(metric.name, metric.help, labels=list(metric.labels))
            for labels, histogram_of_series in _series(self._histograms, message):
                histogram.add_metric(labels, histogram_of_series.buckets(), histogram_of_series.sum_s)
            return histogram
        if metric.once:
            info = InfoMetricFamily(metric.name, metric.help)
            for labels, _ in _series(self._counts, message):
                info.add_metric([], dict(zip(metric.labels, labels, strict=True)))
            return info
        counter = CounterMetricFamily(metric.name, metric.help, labels=list(metric.labels))
        for labels, count in _series(self._counts, message):
            counter.add_metric(labels, count)
        return counter


def _series(values: Mapping[_Series, T], message: str) -> Iterator[tuple[list[str], T]]:
    return ((list(labels), value) for (of, labels), value in values.items() if of == message)


_collector = MetricsCollector()


def allow(fact: Literal["route", "model_version"], values: Iterable[str]) -> None:
    """Permit label values that only this process knows, such as its routes."""
    {"route": _ROUTES, "model_version": _VERSIONS}[fact].allowed.update(values)


def observe(message: str, facts: Facts) -> None:
    """Update the metric derived from a logged event, if there is one."""
    _collector.observe(message, facts)


def exposition() -> tuple[bytes, str]:
    """All metrics in text format, including the process's memory and CPU, and the media type."""
    from prometheus_client import CollectorRegistry, ProcessCollector
    from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

    registry = CollectorRegistry()
    registry.register(_collector)
    ProcessCollector(registry=registry)
    return generate_latest(registry), CONTENT_TYPE_LATEST
