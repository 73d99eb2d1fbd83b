"""What company does to a text: dynamic quantisation scales activations over a whole batch, padding too.

Serving runs texts one at a time where a graph is quantised so; these figures say what batching costs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from build import tokenization
from build.evaluation.cross_validation import DecisionRule
from build.evaluation.records import BatchEffect

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Logits = npt.NDArray[np.float32]
Rows = Sequence[Sequence[int]]


def compare(alone: Logits, together: Logits, fitted: DecisionRule) -> BatchEffect:
    """Compare logits (n, labels) of texts run alone and in batches."""
    gaps = np.abs(fitted.scaling.probabilities(alone) - fitted.scaling.probabilities(together))
    changed = fitted.decide(alone) != fitted.decide(together)
    return BatchEffect(
        mean=float(gaps.mean()), largest=float(gaps.max()), decisions_changed=float(changed.mean())
    )


def run_length_sorted(session: InferenceSession, rows: Rows, batch_size: int) -> Logits:
    """Logits (n, labels), texts of like length together."""
    return _run(session, rows, tokenization.length_sorted_batches([len(row) for row in rows], batch_size))


def run_unsorted(session: InferenceSession, rows: Rows, batch_size: int) -> Logits:
    """Logits (n, labels), texts together as they come: the most padding."""
    order = np.arange(len(rows), dtype=np.int64)
    return _run(session, rows, [order[at : at + batch_size] for at in range(0, len(rows), batch_size)])


def _run(session: InferenceSession, rows: Rows, batches: Sequence[npt.NDArray[np.int64]]) -> Logits:
    parts = []
    for batch in batches:
        ids, mask = tokenization.pad_batch([rows[index] for index in batch])
        parts.append(session.run(["emotions"], {"input_ids": ids, "attention_mask": mask})[0])
    logits = np.zeros((len(rows), parts[0].shape[1]), dtype=np.float32)
    logits[np.concatenate(list(batches))] = np.concatenate(parts)
    return logits
