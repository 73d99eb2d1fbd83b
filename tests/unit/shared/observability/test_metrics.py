from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from functions.shared.domain.entries import Source, Stage
from functions.shared.domain.outcomes import DeliveryOutcome
from functions.shared.observability import logs, metrics

FUNCTIONS = Path(metrics.__file__).parents[2]
WORDS = "I told nobody about it"


@pytest.fixture(autouse=True)
def from_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_collector", metrics.MetricsCollector())


def exposed() -> Iterator[tuple[str, dict[str, str], float]]:
    """Every sample, except those of the process, as a scraper reads it."""
    text, media_type = metrics.exposition()
    assert media_type.startswith("text/plain")
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            if sample.name.startswith("samo_"):
                yield sample.name, sample.labels, sample.value


def value(name: str, **labels: str) -> float:
    (sample,) = [value for other, other_labels, value in exposed() if (other, other_labels) == (name, labels)]
    return sample


def test_requests_are_counted_by_duration() -> None:
    metrics.allow("route", ["GET /v1/entries/{entry_id}"])
    for status, duration_ms in ((200, 4.0), (204, 30.0), (503, 9000)):
        logs.event(
            "request",
            route="GET /v1/entries/{entry_id}",
            method="GET",
            status=status,
            duration_ms=duration_ms,
            request_id="r",
        )

    fine = {"route": "GET /v1/entries/{entry_id}", "method": "GET", "status": "2xx"}
    assert value("samo_request_duration_seconds_count", **fine) == 2
    assert value("samo_request_duration_seconds_sum", **fine) == pytest.approx(0.034)
    assert value("samo_request_duration_seconds_bucket", le="0.005", **fine) == 1
    assert value("samo_request_duration_seconds_bucket", le="0.05", **fine) == 2
    assert value("samo_request_duration_seconds_bucket", le="+Inf", **fine) == 2
    assert value("samo_request_duration_seconds_count", **{**fine, "status": "5xx"}) == 1


def test_bucket_bounds_are_inclusive() -> None:
    logs.event("cold start", target="serve", duration_ms=1000)

    assert value("samo_cold_start_duration_seconds_bucket", le="1.0") == 1
    assert value("samo_cold_start_duration_seconds_bucket", le="0.5") == 0


def test_deliveries_failures_reconciled_entries_and_dead_letters_are_counted() -> None:
    logs.event(
        "delivery", stage=Stage.EMOTION, chunk=None, verdict=DeliveryOutcome.DONE, entry="e", duration_ms=20.0
    )
    logs.event("entry failed", stage=Stage.EMOTION, code="crashed", entry="e")
    logs.event("reconciled", woken=3)
    logs.event("reconciled", woken=4)
    logs.event("dead letter", type="samo.entry.transcribed.v1", entry="e")

    assert value("samo_stage_duration_seconds_count", stage="emotion", verdict="done") == 1
    assert value("samo_entries_failed_total", stage="emotion", code="crashed") == 1
    assert value("samo_reconciler_wakeups_total") == 7
    assert value("samo_dead_letters_total") == 1


def test_the_loaded_model_is_counted_once() -> None:
    metrics.allow("model_version", ["goemotions-3"])
    for _ in range(2):
        logs.event("model", stage=Stage.EMOTION, model_version="goemotions-3")

    assert value("samo_model_info", stage="emotion", model_version="goemotions-3") == 1


def test_an_event_without_its_number_is_not_counted() -> None:
    logs.event("cold start", target="serve")
    logs.event("reconciled", woken=None)

    assert [name for name, _, _ in exposed()] == []


def test_events_without_a_metric_are_only_logged() -> None:
    logs.event("bus unavailable", code="temporarily_unavailable", entry="e")

    assert [name for name, _, _ in exposed()] == []


@pytest.mark.parametrize("message", metrics.METRICS)
@pytest.mark.parametrize("invalid", [WORDS, "3f2a9c", None, 12, {"text": WORDS}])
def test_labels_have_only_permitted_values(message: str, invalid: object) -> None:
    metric = metrics.METRICS[message]
    facts = {label.fact: invalid for label in metric.labels.values()}
    logs.event(message, **facts, duration_ms=1.0, woken=1)

    labels = [sample_labels for _, sample_labels, _ in exposed()]
    assert labels
    values = {value for sample_labels in labels for name, value in sample_labels.items() if name != "le"}
    assert values <= {metrics.OTHER, *metrics.STATUS_CLASSES}


def test_every_label_has_permitted_values() -> None:
    closed = {
        "route": set(),
        "model_version": set(),
        "method": set(metrics.METHODS),
        "status": set(metrics.STATUS_CLASSES),
        "stage": set(Stage),
        "verdict": set(DeliveryOutcome),
        "source": set(Source),
        "code": set(metrics.FAILURE_CODES),
        "outcome": set(metrics.WEBHOOK_OUTCOMES),
    }
    named = {name: label for metric in metrics.METRICS.values() for name, label in metric.labels.items()}

    assert set(named) == set(closed)
    for name in closed.keys() - {"route", "model_version"}:
        assert named[name].allowed == closed[name]


def test_every_error_code_of_stages_is_permitted() -> None:
    raised = set()
    for path in FUNCTIONS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                "PermanentError",
                "StageError",
            ):
                codes = (keyword.value for keyword in node.keywords if keyword.arg == "code")
                raised |= {code.value for code in codes if isinstance(code, ast.Constant)}

    assert {"crashed", "transcript_missing"} <= raised <= set(metrics.FAILURE_CODES)


def test_counting_does_not_import_prometheus_client() -> None:
    script = """if True:
        import sys
        from functions.shared.observability import logs
        logs.event("cold start", target="serve", duration_ms=1.0)
        sys.exit("prometheus_client" in sys.modules)
    """
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
