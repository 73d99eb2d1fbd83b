"""Renders the report: results and charts in ``template.html``, as one self-contained file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from build.evaluation.records import Confusion, Curve, Estimate, HeadEvaluation, HeadRecord
from build.files import write_bytes
from build.report import charts, run_charts
from build.report.run_results import RunResults, load_results

NAME = "report.html"
_PAIRS = 15
"""Number of confusions that the page lists."""


class LabelConfusion(NamedTuple):
    """One label predicted for another."""

    true: str
    decided: str
    share: float
    together: float
    anywhere: float


def write(run: Path) -> Path:
    """Write ``report.html`` into a run's folder; returns its path.

    Raises:
        DataError: the folder is missing, or a file has another format than expected.
    """
    path = run / NAME
    write_bytes(path, render(load_results(run)).encode())
    return path


def render(results: RunResults) -> str:
    """The page as HTML."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= FILTERS
    heads = results.evaluation.heads if results.evaluation else {}
    return templates.get_template("template.html").render(
        results=results,
        heads={name: _head(head) for name, head in heads.items()},
        columns=run_charts.common_figures(results.curves) if results.curves else [],
        losses=run_charts.losses(results.curves),
        scores=run_charts.scores(results.curves),
        tradeoff=run_charts.tradeoff(results.tradeoff) if results.tradeoff else None,
    )


def interval(estimate: Estimate, digits: int = 3, sign: str = "") -> str:
    """An estimate's interval as ``low to high``."""
    return f"{estimate.low:{sign}.{digits}f} to {estimate.high:{sign}.{digits}f}"


def decimals(value: float | None, digits: int = 2) -> str:
    """A number with fixed decimals; a dash for None."""
    return "–" if value is None else f"{value:.{digits}f}"


def spaced(name: str) -> str:
    """An identifier as words."""
    return name.replace("_", " ")


def points(curve: Curve, size: int) -> str:
    """A curve in the unit square as the points of an SVG polyline in a box of ``size``, y upwards."""
    pairs = zip(curve.x, curve.y, strict=True)
    return " ".join(f"{x * size:.1f},{(1 - y) * size:.1f}" for x, y in pairs)


def confusions(confusion: Confusion, names: Sequence[str]) -> list[LabelConfusion]:
    """The label pairs confused most often, relative to how often the second label is predicted anyway."""
    pairs = [
        LabelConfusion(
            true, decided, confusion.mistaken[i][j], confusion.together[i][j], confusion.anywhere[j]
        )
        for i, true in enumerate(names)
        for j, decided in enumerate(names)
        if i != j
    ]
    return sorted(pairs, key=lambda pair: pair.anywhere - pair.share)[:_PAIRS]


def _head(head: HeadEvaluation) -> dict[str, Any]:
    """Everything that the page shows about one head."""
    record = head.int8
    names = [label.label for label in record.labels]
    return {
        "evaluation": head,
        "record": record,
        "records": _records(head),
        "models": charts.models(head),
        "labels": charts.labels(record),
        "best": sorted(record.labels, key=lambda label: -label.f1.value),
        "reliability": charts.reliability(record),
        "confusion": charts.confusion(record.confusion, names),
        "confusions": confusions(record.confusion, names),
        "slices": charts.slices(record.slices, record.scores.micro_f1.value) if record.slices else None,
        "robustness": charts.robustness(record.robustness) if record.robustness else None,
    }


def _records(head: HeadEvaluation) -> list[HeadRecord]:
    return [head.int8, head.fp32, *(baseline.record for baseline in head.baselines)]


FILTERS = {"interval": interval, "points": points, "decimals": decimals, "spaced": spaced}
"""Filters used by the templates' macros."""
