"""F1 on parts of the rows: where a model is better or worse than its average says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from build.evaluation import bootstrap, metrics
from build.evaluation.metrics import Bools
from build.evaluation.records import SliceRecord

MIN_EXAMPLES = 5
"""A label counts in a slice's macro-F1 when the slice holds this many of it."""
MIN_ROWS = 20
"""Smaller slices are left out: they say nothing."""


def score_slices(
    parts: Mapping[str, Bools], decisions: Sequence[Bools], truth: Bools, draws: int, seed: int
) -> list[SliceRecord]:
    """A record for each mask (n,) of ``parts`` with at least `MIN_ROWS` rows."""
    return [
        _score(name, [each[mask] for each in decisions], truth[mask], draws, seed)
        for name, mask in parts.items()
        if mask.sum() >= MIN_ROWS
    ]


def _score(name: str, decisions: Sequence[Bools], truth: Bools, draws: int, seed: int) -> SliceRecord:
    weights = metrics.bootstrap_weights(len(truth), draws, seed)
    _, micro = bootstrap.macro_and_micro_f1(decisions, truth, weights)
    counted = truth.sum(axis=0) >= MIN_EXAMPLES
    macro = None
    if counted.any():
        macro, _ = bootstrap.macro_and_micro_f1(
            [each[:, counted] for each in decisions], truth[:, counted], weights
        )
    return SliceRecord(name=name, rows=len(truth), labels=int(counted.sum()), macro_f1=macro, micro_f1=micro)
