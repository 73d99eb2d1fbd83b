"""What company does to a text: dynamic quantisation scales activations over a whole batch, padding too.

Serving runs texts one at a time where a graph is quantised so; these figures say what batching costs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from build import tokenization
from build.evaluation.cross_validation import Fitted
from build.evaluation.records import Drift

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Logits = npt.NDArray[np.float32]
Rows = Sequence[Sequence[int]]


def measure(alone: Logits, together: Logits, fitted: Fitted) -> Drift:
    """Compare logits (n, labels) of texts run alone and in batches."""
    gaps = np.abs(fitted.scaling.probabilities(alone) - fitted.scaling.probabilities(together))
    changed = fitted.decide(alone) != fitted.decide(together)
    return Drift(mean=float(gaps.mean()), largest=float(gaps.max()), decisions_changed=float(changed.mean()))


def run_by_length(session: InferenceSession, rows: Rows, batch_size: int) -> Logits:
    """Logits (n, labels), texts of like length together."""
    return _run(session, rows, tokenization.by_length([len(row) for row in rows], batch_size))


def run_mixed(session: InferenceSession, rows: Rows, batch_size: int) -> Logits:
    """Logits (n, labels), texts together as they come: the most padding."""
    order = np.arange(len(rows), dtype=np.int64)
    return _run(session, rows, [order[at : at + batch_size] for at in range(0, len(rows), batch_size)])


def _run(session: InferenceSession, rows: Rows, batches: Sequence[npt.NDArray[np.int64]]) -> Logits:
    parts = []
    for batch in batches:
        ids, mask = tokenization.pad([rows[index] for index in batch])
        parts.append(session.run(["emotions"], {"input_ids": ids, "attention_mask": mask})[0])
    logits = np.zeros((len(rows), parts[0].shape[1]), dtype=np.float32)
    logits[np.concatenate(list(batches))] = np.concatenate(parts)
    return logits
