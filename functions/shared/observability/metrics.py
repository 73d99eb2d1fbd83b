"""Metrics as Prometheus text, counted from the facts that are logged, so that a fact is stated once.

`METRICS` says what each fact counts. A label's value comes from a closed set or reads "other": never
an id, never words. Counting needs no library; prometheus_client writes the text and is imported then.
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
    "no_audio_stream",
    "retries_exhausted",
    "transcript_missing",
    "undecodable_audio",
)

T = TypeVar("T")
Facts = Mapping[str, object]


class Label(msgspec.Struct, frozen=True):
    """The fact a label is read from, and the only values it may have; a set may grow by `allow`."""

    fact: str
    allowed: set[str]
    read: Callable[[object], str] = str

    def value(self, facts: Facts) -> str:
        value = self.read(facts.get(self.fact))
        return value if value in self.allowed else OTHER


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """What a fact counts: itself, the amount it states, or how its durations are spread.

    Attributes:
        duration_ms: the fact with a duration; the metric is a histogram of it in seconds.
        amount: the fact with a number to add.
        once: the value is 1, however often the fact is stated.
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
        help="Requests by route template, method and class of status.",
        labels={
            "route": _ROUTES,
            "method": _label("method", METHODS),
            "status": _label("status", STATUS_CLASSES, lambda status: f"{str(status)[:1]}xx"),
        },
        duration_ms="duration_ms",
    ),
    "delivery": Metric(
        name="samo_stage_duration_seconds",
        help="Deliveries to a stage by what they came to.",
        labels={"stage": _STAGE, "verdict": _label("verdict", DeliveryOutcome)},
        duration_ms="duration_ms",
    ),
    "insight": Metric(
        name="samo_insight_duration_seconds",
        help="From a whole recording, or a text, to its finished insight.",
        labels={"source": _label("source", Source)},
        duration_ms="duration_ms",
    ),
    "cold start": Metric(
        name="samo_cold_start_duration_seconds",
        help="From the start of the process to its first answer.",
        duration_ms="duration_ms",
    ),
    "entry failed": Metric(
        name="samo_entries_failed",
        help="Stages given up, by their code.",
        labels={"stage": _STAGE, "code": _label("code", FAILURE_CODES)},
    ),
    "reconciled": Metric(
        name="samo_reconciler_wakeups", help="Entries the reconciler found asleep.", amount="woken"
    ),
    "dead letter": Metric(name="samo_dead_letters", help="Events the bus gave up."),
    "webhook": Metric(
        name="samo_webhooks",
        help="Calls to integrators by outcome.",
        labels={"outcome": _label("outcome", WEBHOOK_OUTCOMES)},
    ),
    "model": Metric(
        name="samo_model",
        help="Which version of a stage's model this process has loaded.",
        labels={"stage": _STAGE, "model_version": _VERSIONS},
        once=True,
    ),
}


_Series = tuple[str, tuple[str, ...]]
"""A fact and the values of its metric's labels."""


class _Histogram:
    """How often a duration fell into each bucket, and their sum."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS_S) + 1)
        self.sum_s = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(BUCKETS_S, seconds)] += 1
        self.sum_s += seconds

    def buckets(self) -> list[tuple[str, float]]:
        return list(zip((*map(str, BUCKETS_S), "+Inf"), accumulate(self.counts), strict=True))


class Tally:
    """What has been counted since the process started. Also a collector, as prometheus_client asks for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[_Series, float] = {}
        self._histograms: dict[_Series, _Histogram] = {}

    def observe(self, message: str, facts: Facts) -> None:
        """Count a fact; one that lacks the number to be counted is left out."""
        metric = METRICS.get(message)
        if metric is None:
            return
        counted = metric.duration_ms or metric.amount
        number = facts.get(counted) if counted else 1
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
            for labels, spread in _series(self._histograms, message):
                histogram.add_metric(labels, spread.buckets(), spread.sum_s)
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


def _series(kept: Mapping[_Series, T], message: str) -> Iterator[tuple[list[str], T]]:
    return ((list(labels), value) for (of, labels), value in kept.items() if of == message)


_tally = Tally()


def allow(fact: Literal["route", "model_version"], values: Iterable[str]) -> None:
    """State what this process serves: the values which only it can know."""
    {"route": _ROUTES, "model_version": _VERSIONS}[fact].allowed.update(values)


def observe(message: str, facts: Facts) -> None:
    """Count a fact that was just stated, if a metric asks for it."""
    _tally.observe(message, facts)


def exposition() -> tuple[bytes, str]:
    """Everything counted so far, with this process's memory and CPU: the text and its media type."""
    from prometheus_client import CollectorRegistry, ProcessCollector
    from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

    registry = CollectorRegistry()
    registry.register(_tally)
    ProcessCollector(registry=registry)
    return generate_latest(registry), CONTENT_TYPE_LATEST
