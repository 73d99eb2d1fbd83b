"""Style of the report's charts: colour-blind-safe colours, and figures as inline SVG."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, PURPLE, GOLD, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"
"""Palette of Okabe and Ito, safe for colour-blind readers (https://jfly.uni-koeln.de/color)."""
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, GOLD, SKY)
INK, PALE = "#1f2933", "#c9d1d9"
SHADES = "Blues"
"""Sequential, in one hue: readable by lightness alone."""

_SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "samo",
    "font.size": 10,
    "axes.edgecolor": PALE,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e7ebef",
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 9,
}


@contextmanager
def drawing(width: float, height: float) -> Iterator[tuple[Figure, Axes]]:
    """A figure of the given size in inches with one pair of axes, in the report's style."""
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.add_subplot()


def embed(figure: Figure) -> str:
    """The figure as a data URL; the same figure always gives the same bytes."""
    target = BytesIO()
    figure.savefig(target, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(target.getvalue()).decode()
