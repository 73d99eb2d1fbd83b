"""Charts of one head, each as an image URL for the page (`style.embed`)."""

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
    """Macro-F1 of int8, float32 and the baselines."""
    records = [head.int8, head.fp32, *(baseline.record for baseline in head.baselines)]
    with drawing(5.2, 0.9 + 0.4 * len(records)) as (figure, axes):
        interval_plot(
            axes, [record.model for record in records], [record.scores.macro_f1 for record in records]
        )
        axes.set_xlabel("macro-F1, 95% interval")
        return embed(figure)


def labels(record: HeadRecord) -> str:
    """F1 of each label with its number of examples, best first."""
    ordered = sorted(record.labels, key=lambda label: -label.f1.value)
    names = [f"{label.label} ({label.examples})" for label in ordered]
    with drawing(5.2, 0.9 + 0.235 * len(ordered)) as (figure, axes):
        interval_plot(axes, names, [label.f1 for label in ordered])
        axes.axvline(record.scores.macro_f1.value, color=ORANGE, linewidth=1, linestyle="--")
        axes.set(xlim=(0, 1), xlabel="F1, 95% interval (dashed: their mean)")
        return embed(figure)


def slices(records: Sequence[SliceRecord], overall: float) -> str:
    """Micro-F1 of each slice, which does not depend on the labels that a slice contains."""
    names = [f"{record.name} ({record.rows:,})" for record in records]
    with drawing(5.2, 0.9 + 0.26 * len(records)) as (figure, axes):
        interval_plot(axes, names, [record.micro_f1 for record in records])
        axes.axvline(overall, color=ORANGE, linewidth=1, linestyle="--")
        axes.set_xlabel("micro-F1, 95% interval (dashed: all texts)")
        return embed(figure)


def robustness(records: Sequence[RobustnessRecord]) -> str:
    """Macro-F1 lost to each kind of noise, one bar per strength."""
    kinds = list(dict.fromkeys(record.kind for record in records))
    strengths = sorted({record.strength for record in records})
    with drawing(5.2, 0.9 + 0.28 * len(records)) as (figure, axes):
        for index, strength in enumerate(strengths):
            selected = [record for record in records if record.strength == strength]
            positions = [
                kinds.index(record.kind) + (index - (len(strengths) - 1) / 2) * 0.26 for record in selected
            ]
            drops = [record.macro_f1_drop for record in selected]
            axes.barh(
                positions,
                [drop.value for drop in drops],
                0.24,
                color=COLOURS[index],
                label=f"{strength:g}",
            )
            axes.errorbar(
                [record.value for record in drops], positions, xerr=_error_bars(drops), fmt="none", ecolor=INK
            )
        axes.set_yticks(range(len(kinds)), [kind.replace("_", " ") for kind in kinds])
        axes.invert_yaxis()
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_xlabel("macro-F1 lost, 95% interval")
        figure.legend(title="strength", loc="outside lower center", ncols=len(strengths))
        return embed(figure)


def reliability(record: HeadRecord) -> str:
    """Predicted probabilities against observed rates, before and after calibration."""
    with drawing(4.6, 4.3) as (figure, axes):
        axes.plot([0, 1], [0, 1], color=PALE, linewidth=1)
        _bins(axes, record.before.reliability, ORANGE, "before", "s")
        _bins(axes, record.after.reliability, BLUE, "after, cross-validated", "o")
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="predicted probability", ylabel="observed rate")
        axes.legend(loc="upper left")
        return embed(figure)


def confusion(record: Confusion, names: Sequence[str]) -> str:
    """Label against label: of the rows with one and without the other, how often the other is predicted."""
    shares = np.array(record.mistaken)
    with drawing(2.6 + 0.23 * len(names), 1.2 + 0.2 * len(names)) as (figure, axes):
        axes.grid(visible=False)
        image = axes.imshow(shares, cmap=SHADES, vmin=0, vmax=max(0.05, float(shares.max())))
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
        axes.set_yticks(range(len(names)), names, fontsize=8)
        axes.set(xlabel="false positive", ylabel="true label")
        figure.colorbar(image, ax=axes, shrink=0.5, label="share of texts")
        return embed(figure)


def interval_plot(axes: Axes, names: Sequence[str], estimates: Sequence[Estimate]) -> None:
    """Draw one dot with its interval per row, the first on top."""
    rows = range(len(names))
    axes.errorbar(
        [estimate.value for estimate in estimates],
        rows,
        xerr=_error_bars(estimates),
        fmt="o",
        color=BLUE,
        markersize=5,
    )
    axes.set_yticks(rows, names)
    axes.set_ylim(len(names) - 0.5, -0.5)


def _bins(axes: Axes, bins: Sequence[Bin], colour: str, name: str, marker: str) -> None:
    probabilities, rates = (
        [bin_record.probability for bin_record in bins],
        [bin_record.rate for bin_record in bins],
    )
    observed = [rate.value for rate in rates]
    axes.errorbar(
        probabilities,
        observed,
        yerr=_error_bars(rates),
        color=colour,
        marker=marker,
        markersize=5,
        linewidth=1,
        label=name,
    )


def _error_bars(estimates: Sequence[Estimate]) -> list[list[float]]:
    """Distances from each value to the ends of its interval, in the format of matplotlib's error bars."""
    return [
        [max(0.0, estimate.value - estimate.low) for estimate in estimates],
        [max(0.0, estimate.high - estimate.value) for estimate in estimates],
    ]
