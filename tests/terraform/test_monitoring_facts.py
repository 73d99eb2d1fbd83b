"""Metrics read fields that the code logs under the same names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from functions.shared.observability import metrics

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "terraform" / "modules" / "monitoring"

Wanted = tuple[str, frozenset[str]]
"""A log message and the fields that a metric reads from it."""


@cache
def logged() -> Mapping[str, frozenset[str]]:
    """Message → fields, of every `logs.event("message", field=…)` in the functions."""
    facts: dict[str, set[str]] = {}
    for path in (ROOT / "functions").rglob("*.py"):
        for message, names in _events(ast.parse(path.read_text())):
            facts.setdefault(message, set()).update(names)
    return {message: frozenset(names) for message, names in facts.items()}


def _events(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        message = node.args[0]
        if name == "event" and isinstance(message, ast.Constant) and isinstance(message.value, str):
            yield message.value, [keyword.arg for keyword in node.keywords if keyword.arg]


def terraform_metrics() -> dict[str, Wanted]:
    """Metric → what it reads, from the tables in metrics.tf, which have one line per metric."""
    found = {}
    for line in (MODULE / "metrics.tf").read_text().splitlines():
        if match := re.search(r'(\w+)\s+= \{ message = "([^"]+)"', line):
            labels = re.search(r"labels = \[(.*?)\]", line)
            facts = set(re.findall(r'"(\w+)"', labels[1])) if labels else set()
            facts |= set(re.findall(r'value = "(\w+)"', line))
            facts |= set(re.findall(r"jsonPayload\.(\w+)", line))
            found[match[1]] = (match[2], frozenset(facts))
    return found


def prometheus_metrics() -> dict[str, Wanted]:
    return {
        metric.name: (
            message,
            frozenset(
                {label.fact for label in metric.labels.values()}
                | ({metric.duration_ms, metric.amount} - {""})
            ),
        )
        for message, metric in metrics.METRICS.items()
    }


ALL = {**terraform_metrics(), **prometheus_metrics()}


def test_the_tables_are_parsed() -> None:
    used = set(re.findall(r"local\.metric\.(\w+)", "".join(path.read_text() for path in MODULE.glob("*.tf"))))

    assert used | {"woken"} == set(terraform_metrics())
    assert terraform_metrics()["webhook_failures"] == ("webhook", frozenset({"name", "outcome"}))
    assert terraform_metrics()["stage_ms"] == (
        "delivery",
        frozenset({"stage", "verdict", "duration_ms"}),
    )


@pytest.mark.parametrize("name", ALL)
def test_metrics_read_logged_fields(name: str) -> None:
    message, facts = ALL[name]

    assert message in logged(), f"nothing logs {message!r}"
    assert facts <= logged()[message], f"{message!r} is logged without {set(facts - logged()[message])}"


def test_alerts_name_existing_failure_codes() -> None:
    alerts = (MODULE / "alerts.tf").read_text()
    codes = re.search(r'own_failures = "monitoring\.regex\.full_match\(\\"(.*?)\\"\)"', alerts)

    assert codes is not None
    assert set(codes[1].split("|")) <= set(metrics.FAILURE_CODES)


def test_the_webhook_alert_names_an_existing_outcome() -> None:
    (outcome,) = re.findall(r'jsonPayload\.outcome=\\"(\w+)\\"', (MODULE / "metrics.tf").read_text())

    assert outcome in metrics.WEBHOOK_OUTCOMES


def test_promql_queries_name_existing_metrics() -> None:
    (name,) = re.findall(r'"logging_googleapis_com:user_samo_(\w+)"', (MODULE / "alerts.tf").read_text())

    assert name in terraform_metrics()
