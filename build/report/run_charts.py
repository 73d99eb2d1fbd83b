"""Pictures of a whole run: how its models learned, and what making one small costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.ticker import MaxNLocator

from build.evaluation.records import GraphRecord
from build.report.run_results import Curve
from build.report.style import BLUE, COLOURS, INK, ORANGE, PALE, drawing, embed

_STYLES = ("-", "--", ":", "-.")


def measured(curves: Mapping[str, Curve]) -> list[str]:
    """The names of the figures that every point of some curve has, in their order; the epoch apart."""
    names: dict[str, None] = {}
    for points in curves.values():
        for name in points[0]:
            if name != "epoch" and all(_number(point.get(name)) for point in points):
                names[name] = None
    return list(names)


def losses(curves: Mapping[str, Curve]) -> str | None:
    """Training loss (dashed) and dev loss (solid) by epoch, a colour a model."""
    return _lines(curves, {"train_loss": "--", "dev_loss": "-"}, "loss (dashed: train, solid: dev)")


def scores(curves: Mapping[str, Curve]) -> str | None:
    """Dev macro-F1 by epoch, a colour a model and a dash a threshold."""
    names = [name for name in measured(curves) if "f1" in name]
    dashes = {name: _STYLES[at % len(_STYLES)] for at, name in enumerate(names)}
    meaning = ", ".join(
        f"{dash} {name.removeprefix('dev_macro_f1_').replace('_', ' ')}" for name, dash in dashes.items()
    )
    return _lines(curves, dashes, f"dev macro-F1 ({meaning})")


def tradeoff(found: Sequence[GraphRecord]) -> str:
    """Milliseconds against macro-F1 less float32's, numbered; the larger the mark, the larger the file."""
    with drawing(7.2, 4.6) as (figure, axes):
        axes.axhline(0.0, color=INK, linewidth=0.8)
        for number, each in enumerate(found, start=1):
            low, high = each.minus_fp32_interval
            reach = [[max(0.0, each.minus_fp32 - low)], [max(0.0, high - each.minus_fp32)]]
            axes.errorbar(each.median_ms, each.minus_fp32, yerr=reach, ecolor=PALE, fmt="none")
            colour = ORANGE if each.ships else BLUE
            axes.scatter(each.median_ms, each.minus_fp32, s=20 + 5 * each.megabytes, color=colour, alpha=0.6)
            axes.annotate(
                f"{number}",
                (each.median_ms, each.minus_fp32),
                xytext=(5, 5),
                textcoords="offset points",
                fontsize=8,
                color=INK,
                fontweight="bold" if each.ships else "normal",
            )
        axes.set(xlabel="median ms a text, one thread", ylabel="macro-F1 less float32's, paired, 95%")
        axes.set_xlim(0, 1.1 * max(each.median_ms for each in found))
        return embed(figure)


def _lines(curves: Mapping[str, Curve], styles: Mapping[str, str], meaning: str) -> str | None:
    """None where no curve has any of the figures named in ``styles``."""
    if not any(_number(points[0].get(name)) for points in curves.values() for name in styles):
        return None
    with drawing(5.2, 3.4) as (figure, axes):
        for at, (model, points) in enumerate(curves.items()):
            named = False
            for name, style in styles.items():
                line = [(point["epoch"], point[name]) for point in points if _number(point.get(name))]
                if line:
                    x, y = zip(*line, strict=True)
                    colour = COLOURS[at % len(COLOURS)]
                    axes.plot(
                        x, y, style, color=colour, marker="o", markersize=4, label=None if named else model
                    )
                    named = True
        axes.set_xlabel("epoch")
        axes.set_ylabel(meaning, fontsize=9)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if len(curves) > 1:
            axes.legend()
        return embed(figure)


def _number(value: Any) -> bool:
    return isinstance(value, int | float)
