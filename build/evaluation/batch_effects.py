"""How predictions depend on the other texts in a batch.

Dynamic quantization scales activations over a whole batch, padding included. Serving runs such graphs one
text at a time; these figures show what batching would change.
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


def compare(alone: Logits, batched: Logits, rule: DecisionRule) -> BatchEffect:
    """Compare logits (n, labels) of texts run alone and in batches."""
    differences = np.abs(rule.scaling.probabilities(alone) - rule.scaling.probabilities(batched))
    changed = rule.decide(alone) != rule.decide(batched)
    return BatchEffect(
        mean=float(differences.mean()),
        largest=float(differences.max()),
        decisions_changed=float(changed.mean()),
    )


def run_length_sorted(session: InferenceSession, rows: Rows, batch_size: int) -> Logits:
    """Logits (n, labels), in batches of similar length."""
    return _run(session, rows, tokenization.length_sorted_batches([len(row) for row in rows], batch_size))


def run_unsorted(session: InferenceSession, rows: Rows, batch_size: int) -> Logits:
    """Logits (n, labels), in batches in the given order: the most padding."""
    order = np.arange(len(rows), dtype=np.int64)
    return _run(
        session, rows, [order[start : start + batch_size] for start in range(0, len(rows), batch_size)]
    )


def _run(session: InferenceSession, rows: Rows, batches: Sequence[npt.NDArray[np.int64]]) -> Logits:
    parts = []
    for batch in batches:
        ids, mask = tokenization.pad_batch([rows[index] for index in batch])
        parts.append(session.run(["emotions"], {"input_ids": ids, "attention_mask": mask})[0])
    logits = np.zeros((len(rows), parts[0].shape[1]), dtype=np.float32)
    logits[np.concatenate(list(batches))] = np.concatenate(parts)
    return logits
