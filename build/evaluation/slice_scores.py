"""F1 on slices of the rows: where a model is better or worse than on average."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from build.evaluation import bootstrap, metrics
from build.evaluation.metrics import Bools
from build.evaluation.records import SliceRecord

MIN_EXAMPLES = 5
"""A label counts in a slice's macro-F1 if the slice has at least this many examples of it."""
MIN_ROWS = 20
"""Smaller slices are skipped as not informative."""


def score_slices(
    slices: Mapping[str, Bools], decisions: Sequence[Bools], truth: Bools, draws: int, seed: int
) -> list[SliceRecord]:
    """One record for each row mask (n,) with at least `MIN_ROWS` rows."""
    return [
        _score(name, [decided[mask] for decided in decisions], truth[mask], draws, seed)
        for name, mask in slices.items()
        if mask.sum() >= MIN_ROWS
    ]


def _score(name: str, decisions: Sequence[Bools], truth: Bools, draws: int, seed: int) -> SliceRecord:
    weights = metrics.bootstrap_weights(len(truth), draws, seed)
    _, micro = bootstrap.macro_and_micro_f1(decisions, truth, weights)
    frequent = truth.sum(axis=0) >= MIN_EXAMPLES
    macro = None
    if frequent.any():
        macro, _ = bootstrap.macro_and_micro_f1(
            [decided[:, frequent] for decided in decisions], truth[:, frequent], weights
        )
    return SliceRecord(name=name, rows=len(truth), labels=int(frequent.sum()), macro_f1=macro, micro_f1=micro)
