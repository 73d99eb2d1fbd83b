"""What company does to a text: dynamic quantisation scales activations over a whole batch, padding too."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from build.emotion import tokens
from build.emotion.metrics import sigmoid
from build.emotion.onnx_encoder import OnnxEncoder
from build.emotion.thresholds import Thresholds

Logits = npt.NDArray[np.float32]


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """How far probabilities move from those of the same text served alone."""

    mean: float
    largest: float
    decisions_changed: float
    """Share of all (text, label) decisions."""


def measure(alone: Logits, together: Logits, thresholds: Thresholds) -> Drift:
    """Compare logits (n, labels) of texts served alone and in batches."""
    first, second = sigmoid(alone), sigmoid(together)
    gaps = np.abs(first - second)
    changed = (first >= thresholds) != (second >= thresholds)
    return Drift(mean=float(gaps.mean()), largest=float(gaps.max()), decisions_changed=float(changed.mean()))


def run_alone(encoder: OnnxEncoder, rows: Sequence[Sequence[int]]) -> Logits:
    """Logits (n, labels), one text at a time."""
    return encoder.run_batches(rows, tokens.by_length([len(row) for row in rows], 1))


def run_by_length(encoder: OnnxEncoder, rows: Sequence[Sequence[int]], batch_size: int) -> Logits:
    """Logits (n, labels), texts of like length together."""
    return encoder.run_batches(rows, tokens.by_length([len(row) for row in rows], batch_size))


def run_mixed(encoder: OnnxEncoder, rows: Sequence[Sequence[int]], batch_size: int) -> Logits:
    """Logits (n, labels), texts together as they come: the most padding."""
    order = np.arange(len(rows), dtype=np.int64)
    return encoder.run_batches(rows, [order[at : at + batch_size] for at in range(0, len(rows), batch_size)])
