"""The report: scores, and dev entries side by side with what their readers said, as one HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from build.data.journal.entries import Entry
from build.evaluation.records import Estimate
from build.files import write_bytes
from build.insight.evaluate import Evaluation
from build.insight.scores import SCORES, Reading
from functions.shared.domain.labels import NEUTRAL

SHOWN = 20
"""How many of the best entries are shown, and of the worst."""
_STYLE = Path(__file__).parents[2] / "report" / "style.css"


class Sentence(NamedTuple):
    """One sentence as the report shows it."""

    text: str
    expected: str
    read: str
    mark: str
    """What the readers say about quoting it: core, avoid, or nothing."""
    quoted: bool


def write(path: Path, name: str, evaluation: Evaluation, entries: Sequence[Entry]) -> None:
    """Write the page."""
    write_bytes(path, render(name, evaluation, entries).encode())


def render(name: str, evaluation: Evaluation, entries: Sequence[Entry]) -> str:
    """The page as HTML."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    templates.filters["estimate"] = estimate
    by_points = sorted(entries, key=lambda entry: -points(evaluation.readings[entry.id], entry))
    shown = [("Read best", by_points[:SHOWN]), ("Read worst", by_points[: -SHOWN - 1 : -1])]
    return templates.get_template("report.html").render(
        name=name,
        style=_STYLE.read_text(encoding="utf-8"),
        evaluation=evaluation,
        scores=list(SCORES),
        groups=[(title, [_shown(evaluation, entry) for entry in group]) for title, group in shown],
    )


def points(reading: Reading, entry: Entry) -> float:
    """The mean of an entry's scores, from 0 to 1, with those that should be low reversed."""
    shares = []
    for name, ratio in SCORES.items():
        above, below = ratio(reading, entry.labels)
        if below:
            low_is_good = name in ("quotes one to avoid", "support: false alarms")
            shares.append(1.0 - above / below if low_is_good else above / below)
    return sum(shares) / len(shares)


def estimate(value: Estimate) -> str:
    """An estimate with its interval, in percent."""
    return f"{value.value:.1f} [{value.low:.1f}, {value.high:.1f}]"


def _shown(evaluation: Evaluation, entry: Entry) -> dict[str, Any]:
    reading, labels = evaluation.readings[entry.id], entry.labels
    return {
        "id": entry.id,
        "title": labels.title,
        "points": points(reading, entry),
        "rows": [
            ("first emotion", labels.primary, reading.first),
            ("emotions", _names(labels.whole), _names(reading.emotions)),
            ("feelings", _names(labels.feelings), _names(reading.feelings)),
            ("topics", _names(labels.topics), _names(reading.topics)),
            ("mood", f"{labels.valence:+d}", f"{2 * reading.mood:+.1f}"),
            ("offer support", "yes" if labels.concern else "no", "yes" if reading.support else "no"),
        ],
        # Texts of other sources stay out of a file that may be passed on.
        "sentences": _sentences(reading, entry) if entry.source == "written" else [],
    }


def _sentences(reading: Reading, entry: Entry) -> list[Sentence]:
    labels = entry.labels
    return [
        Sentence(
            text,
            _names(expected),
            _names(reading.sentences[index]),
            "core" if index in labels.core else "avoid" if index in labels.avoid else "",
            index in reading.quotes,
        )
        for index, (text, expected) in enumerate(zip(entry.sentences, labels.emotions, strict=True))
    ]


def _names(labels: Any) -> str:
    return ", ".join(label for label in labels if label != NEUTRAL) or "–"
