"""The page itself: results and pictures put into ``template.html``, one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from build.evaluation.records import Confusion, Curve, Estimate, HeadEvaluation, HeadRecord
from build.files import write_bytes
from build.report import charts, run_charts, run_results
from build.report.run_results import RunResults

NAME = "report.html"
_PAIRS = 15
"""The commonest confusions that the page lists."""


class LabelConfusion(NamedTuple):
    """One label taken for another."""

    true: str
    decided: str
    share: float
    together: float
    anywhere: float


def write(run: Path) -> Path:
    """Write ``report.html`` into a run's folder and say where it lies.

    Raises:
        DataError: the folder is missing, or one of its files is not what its name says.
    """
    path = run / NAME
    write_bytes(path, render(run_results.find(run)).encode())
    return path


def render(found: RunResults) -> str:
    """The page, HTML."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= FILTERS
    heads = found.evaluation.heads if found.evaluation else {}
    return templates.get_template("template.html").render(
        found=found,
        heads={name: _head(head) for name, head in heads.items()},
        columns=run_charts.measured(found.curves) if found.curves else [],
        losses=run_charts.losses(found.curves),
        scores=run_charts.scores(found.curves),
        tradeoff=run_charts.tradeoff(found.tradeoff) if found.tradeoff else None,
    )


def interval(estimate: Estimate, digits: int = 3, sign: str = "") -> str:
    """``low to high`` of an estimate."""
    return f"{estimate.low:{sign}.{digits}f} to {estimate.high:{sign}.{digits}f}"


def share(value: float | None, digits: int = 2) -> str:
    """A figure with fixed digits; a dash for none."""
    return "–" if value is None else f"{value:.{digits}f}"


def spaced(name: str) -> str:
    """A name from code as words."""
    return name.replace("_", " ")


def points(curve: Curve, size: int) -> str:
    """A curve in the unit square as the points of an SVG line in a box of ``size``, y upwards."""
    pairs = zip(curve.x, curve.y, strict=True)
    return " ".join(f"{x * size:.1f},{(1 - y) * size:.1f}" for x, y in pairs)


def confusions(found: Confusion, names: Sequence[str]) -> list[LabelConfusion]:
    """The label pairs most often taken for each other, beyond how often the second is decided anyway."""
    pairs = [
        LabelConfusion(true, decided, found.mistaken[i][j], found.together[i][j], found.anywhere[j])
        for i, true in enumerate(names)
        for j, decided in enumerate(names)
        if i != j
    ]
    return sorted(pairs, key=lambda pair: pair.anywhere - pair.share)[:_PAIRS]


def _head(head: HeadEvaluation) -> dict[str, Any]:
    """Everything the page shows of one head."""
    record = head.int8
    names = [each.label for each in record.labels]
    return {
        "found": head,
        "record": record,
        "records": _records(head),
        "models": charts.models(head),
        "labels": charts.labels(record),
        "best": sorted(record.labels, key=lambda each: -each.f1.value),
        "reliability": charts.reliability(record),
        "confusion": charts.confusion(record.confusion, names),
        "confusions": confusions(record.confusion, names),
        "slices": charts.slices(record.slices, record.scores.micro_f1.value) if record.slices else None,
        "robustness": charts.robustness(record.robustness) if record.robustness else None,
    }


def _records(head: HeadEvaluation) -> list[HeadRecord]:
    return [head.int8, head.fp32, *(each.record for each in head.baselines)]


FILTERS = {"interval": interval, "points": points, "share": share, "spaced": spaced}
"""What the templates' macros call."""
