"""What company would do to a text: dynamic quantisation scales activations over a whole batch, padding too.

Serving runs texts one at a time for this reason; these figures say what batching would cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import numpy.typing as npt

from build import tokens
from build.evaluation.metrics import sigmoid
from build.evaluation.thresholds import Thresholds

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Logits = npt.NDArray[np.float32]
Rows = Sequence[Sequence[int]]


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """How far probabilities move from those of the same text run alone."""

    mean: float
    largest: float
    decisions_changed: float
    """Share of all (text, label) decisions."""


def measure(alone: Logits, together: Logits, thresholds: Thresholds) -> Drift:
    """Compare logits (n, labels) of texts run alone and in batches."""
    first, second = sigmoid(alone), sigmoid(together)
    gaps = np.abs(first - second)
    changed = (first >= thresholds) != (second >= thresholds)
    return Drift(mean=float(gaps.mean()), largest=float(gaps.max()), decisions_changed=float(changed.mean()))


def run_by_length(session: InferenceSession, rows: Rows, batch_size: int) -> Logits:
    """Logits (n, labels), texts of like length together."""
    return _run(session, rows, tokens.by_length([len(row) for row in rows], batch_size))


def run_mixed(session: InferenceSession, rows: Rows, batch_size: int) -> Logits:
    """Logits (n, labels), texts together as they come: the most padding."""
    order = np.arange(len(rows), dtype=np.int64)
    return _run(session, rows, [order[at : at + batch_size] for at in range(0, len(rows), batch_size)])


def _run(session: InferenceSession, rows: Rows, batches: Sequence[npt.NDArray[np.int64]]) -> Logits:
    parts = []
    for batch in batches:
        ids, mask = tokens.pad([rows[index] for index in batch])
        parts.append(session.run(["emotions"], {"input_ids": ids, "attention_mask": mask})[0])
    logits = np.zeros((len(rows), parts[0].shape[1]), dtype=np.float32)
    logits[np.concatenate(list(batches))] = np.concatenate(parts)
    return logits
