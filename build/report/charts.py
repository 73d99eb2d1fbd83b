"""One head's pictures, each an image address for the page (`style.embed`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from build.evaluation.records import (
    Bin,
    Confusion,
    Estimate,
    HeadEvaluation,
    HeadRecord,
    RobustnessRecord,
    SliceRecord,
)
from build.report.style import BLUE, COLOURS, INK, ORANGE, PALE, SHADES, drawing, embed


def models(head: HeadEvaluation) -> str:
    """Macro-F1 of what ships, of float32 and of the baselines."""
    records = [head.int8, head.fp32, *(each.record for each in head.baselines)]
    with drawing(5.2, 0.9 + 0.4 * len(records)) as (figure, axes):
        dots(axes, [each.model for each in records], [each.scores.macro_f1 for each in records])
        axes.set_xlabel("macro-F1, 95% interval")
        return embed(figure)


def labels(record: HeadRecord) -> str:
    """F1 of each label, best first, its size by the examples behind it."""
    ordered = sorted(record.labels, key=lambda each: -each.f1.value)
    names = [f"{each.label} ({each.examples})" for each in ordered]
    with drawing(5.2, 0.9 + 0.235 * len(ordered)) as (figure, axes):
        dots(axes, names, [each.f1 for each in ordered])
        axes.axvline(record.scores.macro_f1.value, color=ORANGE, linewidth=1, linestyle="--")
        axes.set(xlim=(0, 1), xlabel="F1, 95% interval (dashed: their mean)")
        return embed(figure)


def slices(found: Sequence[SliceRecord], whole: float) -> str:
    """Micro-F1 of each slice; it does not depend on which labels a slice happens to hold."""
    names = [f"{each.name} ({each.rows:,})" for each in found]
    with drawing(5.2, 0.9 + 0.26 * len(found)) as (figure, axes):
        dots(axes, names, [each.micro_f1 for each in found])
        axes.axvline(whole, color=ORANGE, linewidth=1, linestyle="--")
        axes.set_xlabel("micro-F1, 95% interval (dashed: all texts)")
        return embed(figure)


def robustness(found: Sequence[RobustnessRecord]) -> str:
    """Macro-F1 lost to each kind of noise, a bar a strength."""
    kinds = list(dict.fromkeys(each.kind for each in found))
    strengths = sorted({each.strength for each in found})
    with drawing(5.2, 0.9 + 0.28 * len(found)) as (figure, axes):
        for at, strength in enumerate(strengths):
            chosen = [each for each in found if each.strength == strength]
            places = [kinds.index(each.kind) + (at - (len(strengths) - 1) / 2) * 0.26 for each in chosen]
            drops = [each.macro_f1_drop for each in chosen]
            axes.barh(places, [each.value for each in drops], 0.24, color=COLOURS[at], label=f"{strength:g}")
            axes.errorbar([each.value for each in drops], places, xerr=_reach(drops), fmt="none", ecolor=INK)
        axes.set_yticks(range(len(kinds)), [kind.replace("_", " ") for kind in kinds])
        axes.invert_yaxis()
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_xlabel("macro-F1 lost, 95% interval")
        figure.legend(title="strength", loc="outside lower center", ncols=len(strengths))
        return embed(figure)


def reliability(record: HeadRecord) -> str:
    """What probabilities say against how often they are right, before and after calibration."""
    with drawing(4.6, 4.3) as (figure, axes):
        axes.plot([0, 1], [0, 1], color=PALE, linewidth=1)
        _bins(axes, record.before.reliability, ORANGE, "before", "s")
        _bins(axes, record.after.reliability, BLUE, "after, cross-fitted", "o")
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="probability said", ylabel="how often true")
        axes.legend(loc="upper left")
        return embed(figure)


def confusion(found: Confusion, names: Sequence[str]) -> str:
    """Label against label: of rows with one and without the other, how often the other is decided."""
    shares = np.array(found.mistaken)
    with drawing(2.6 + 0.23 * len(names), 1.2 + 0.2 * len(names)) as (figure, axes):
        axes.grid(visible=False)
        image = axes.imshow(shares, cmap=SHADES, vmin=0, vmax=max(0.05, float(shares.max())))
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
        axes.set_yticks(range(len(names)), names, fontsize=8)
        axes.set(xlabel="decided, though not true", ylabel="true")
        figure.colorbar(image, ax=axes, shrink=0.5, label="share of texts")
        return embed(figure)


def dots(axes: Axes, names: Sequence[str], found: Sequence[Estimate]) -> None:
    """Draw a dot and its interval a row, the first on top."""
    rows = range(len(names))
    axes.errorbar([each.value for each in found], rows, xerr=_reach(found), fmt="o", color=BLUE, markersize=5)
    axes.set_yticks(rows, names)
    axes.set_ylim(len(names) - 0.5, -0.5)


def _bins(axes: Axes, bins: Sequence[Bin], colour: str, name: str, marker: str) -> None:
    places, rates = [each.probability for each in bins], [each.rate for each in bins]
    heights = [each.value for each in rates]
    axes.errorbar(
        places,
        heights,
        yerr=_reach(rates),
        color=colour,
        marker=marker,
        markersize=5,
        linewidth=1,
        label=name,
    )


def _reach(found: Sequence[Estimate]) -> list[list[float]]:
    """How far each interval goes below and above its value, as error bars want it."""
    return [
        [max(0.0, each.value - each.low) for each in found],
        [max(0.0, each.high - each.value) for each in found],
    ]
