"""Charts of a whole run: training curves, and the trade-off of size, latency and F1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.ticker import MaxNLocator

from build.evaluation.records import GraphRecord
from build.report.run_results import Curve
from build.report.style import BLUE, COLOURS, INK, ORANGE, PALE, drawing, embed

_STYLES = ("-", "--", ":", "-.")


def common_figures(curves: Mapping[str, Curve]) -> list[str]:
    """Names of the figures that all points of some curve have, in order, without the epoch."""
    names: dict[str, None] = {}
    for points in curves.values():
        for name in points[0]:
            if name != "epoch" and all(_is_number(point.get(name)) for point in points):
                names[name] = None
    return list(names)


def losses(curves: Mapping[str, Curve]) -> str | None:
    """Training loss (dashed) and dev loss (solid) by epoch, one colour per model."""
    return _lines(curves, {"train_loss": "--", "dev_loss": "-"}, "loss (dashed: train, solid: dev)")


def scores(curves: Mapping[str, Curve]) -> str | None:
    """Dev macro-F1 by epoch, one colour per model and one line style per threshold."""
    names = [name for name in common_figures(curves) if "f1" in name]
    styles = {name: _STYLES[index % len(_STYLES)] for index, name in enumerate(names)}
    legend = ", ".join(
        f"{style} {name.removeprefix('dev_macro_f1_').replace('_', ' ')}" for name, style in styles.items()
    )
    return _lines(curves, styles, f"dev macro-F1 ({legend})")


def tradeoff(records: Sequence[GraphRecord]) -> str:
    """Latency against macro-F1 minus float32's, numbered; larger marks are larger files."""
    with drawing(7.2, 4.6) as (figure, axes):
        axes.axhline(0.0, color=INK, linewidth=0.8)
        for number, record in enumerate(records, start=1):
            low, high = record.minus_fp32_interval
            error_bars = [[max(0.0, record.minus_fp32 - low)], [max(0.0, high - record.minus_fp32)]]
            axes.errorbar(record.median_ms, record.minus_fp32, yerr=error_bars, ecolor=PALE, fmt="none")
            colour = ORANGE if record.ships else BLUE
            axes.scatter(
                record.median_ms, record.minus_fp32, s=20 + 5 * record.megabytes, color=colour, alpha=0.6
            )
            axes.annotate(
                f"{number}",
                (record.median_ms, record.minus_fp32),
                xytext=(5, 5),
                textcoords="offset points",
                fontsize=8,
                color=INK,
                fontweight="bold" if record.ships else "normal",
            )
        axes.set(xlabel="median ms per text, one thread", ylabel="macro-F1 minus float32, paired, 95%")
        axes.set_xlim(0, 1.1 * max(record.median_ms for record in records))
        return embed(figure)


def _lines(curves: Mapping[str, Curve], styles: Mapping[str, str], label: str) -> str | None:
    """None if no curve has any of the figures in ``styles``."""
    if not any(_is_number(points[0].get(name)) for points in curves.values() for name in styles):
        return None
    with drawing(5.2, 3.4) as (figure, axes):
        for index, (model, points) in enumerate(curves.items()):
            has_label = False
            for name, style in styles.items():
                line = [(point["epoch"], point[name]) for point in points if _is_number(point.get(name))]
                if line:
                    x, y = zip(*line, strict=True)
                    colour = COLOURS[index % len(COLOURS)]
                    axes.plot(
                        x,
                        y,
                        style,
                        color=colour,
                        marker="o",
                        markersize=4,
                        label=None if has_label else model,
                    )
                    has_label = True
        axes.set_xlabel("epoch")
        axes.set_ylabel(label, fontsize=9)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if len(curves) > 1:
            axes.legend()
        return embed(figure)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)
