"""Formats a run's results as a Markdown table."""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults.run import Report

SHOWN = 10


def table(report: Report) -> str:
    rows = "\n".join(f"| {what} | {count} |" for what, count in _rows(report))
    return f"| what | count |\n|---|---|\n{rows}\n" + "".join(f"\n{line}" for line in _troubles(report))


def _rows(report: Report) -> Iterator[tuple[str, object]]:
    found = report.findings
    yield "entries (seed)", f"{report.entries} ({report.seed})"
    yield "deliveries", report.deliveries
    yield from sorted((str(what), count) for what, count in report.happened.items())
    yield "work done under a clock 50 s wrong", found.wrong_clock
    yield "process starts", _listed(report.starts)
    yield "at the end", _listed(found.statuses)
    yield "verdicts of deliveries", _listed(found.verdicts)
    yield "**lost**", len(found.lost)
    yield "**doubled**", len(found.doubled)
    yield "**dead-lettered healthy**", len(found.dead_healthy)
    yield "dead-lettered poison", found.dead_poison
    yield "remains of deleted entries", len(found.remains)
    yield "log lines with journal text", found.leaks
    yield "minutes", round(report.seconds / 60, 1)
    yield from (("NOT RUN", missing) for missing in report.not_run)


def _listed(counts: object) -> str:
    assert isinstance(counts, dict)
    return ", ".join(f"{what} {count}" for what, count in sorted(counts.items()))


def _troubles(report: Report) -> Iterator[str]:
    found = report.findings
    for name in ("lost", "doubled", "dead_healthy", "remains"):
        yield from (f"{name}: {line}" for line in getattr(found, name)[:SHOWN])
