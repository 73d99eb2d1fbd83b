"""Formats a run's results as a Markdown table."""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults.run import Report

SHOWN = 10


def table(report: Report) -> str:
    rows = "\n".join(f"| {name} | {value} |" for name, value in _rows(report))
    return f"| what | count |\n|---|---|\n{rows}\n" + "".join(f"\n{line}" for line in _problems(report))


def _rows(report: Report) -> Iterator[tuple[str, object]]:
    findings = report.findings
    yield "entries (seed)", f"{report.entries} ({report.seed})"
    yield "deliveries", report.deliveries
    yield from sorted((str(fault), count) for fault, count in report.happened.items())
    yield "work done under a clock 50 s wrong", findings.wrong_clock
    yield "process starts", _listed(report.starts)
    yield "at the end", _listed(findings.statuses)
    yield "verdicts of deliveries", _listed(findings.verdicts)
    yield "**lost**", len(findings.lost)
    yield "**doubled**", len(findings.doubled)
    yield "**dead-lettered healthy**", len(findings.dead_healthy)
    yield "dead-lettered poison", findings.dead_poison
    yield "remains of deleted entries", len(findings.remains)
    yield "log lines with journal text", findings.leaks
    yield "minutes", round(report.seconds / 60, 1)
    yield from (("NOT RUN", missing) for missing in report.not_run)


def _listed(counts: object) -> str:
    assert isinstance(counts, dict)
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


def _problems(report: Report) -> Iterator[str]:
    findings = report.findings
    for name in ("lost", "doubled", "dead_healthy", "remains"):
        yield from (f"{name}: {line}" for line in getattr(findings, name)[:SHOWN])
