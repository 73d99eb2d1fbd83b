"""Each label of a head by itself: what was fitted for it, its scores, curves and calibration.

Shapes: ``logits`` and ``truth`` are (n, labels).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from build.evaluation import bootstrap, calibration, metrics, ranking
from build.evaluation.cross_validation import CrossValidated
from build.evaluation.metrics import Bools, Counts, Floats
from build.evaluation.records import LabelRecord


def label_records(
    names: Sequence[str], logits: Floats, truth: Bools, judged: CrossValidated, draws: bootstrap.BootstrapF1
) -> list[LabelRecord]:
    """A record a label; ``draws`` are the bootstrap of ``judged``'s decisions."""
    counts = [metrics.confusion_counts(each, truth) for each in judged.decisions]
    precision, recall, f1 = (
        np.mean([part(each) for each in counts], axis=0)
        for part in (Counts.precision, Counts.recall, Counts.f1)
    )
    records = []
    for at, name in enumerate(names):
        ranked = ranking.ranking_scores(logits[:, at], truth[:, at])
        records.append(
            LabelRecord(
                label=name,
                examples=int(truth[:, at].sum()),
                temperature=float(judged.fitted.scaling.temperatures[at]),
                offset=float(judged.fitted.scaling.offsets[at]),
                threshold=float(judged.fitted.thresholds[at]),
                precision=float(precision[at]),
                recall=float(recall[at]),
                f1=bootstrap.percentile_interval(float(f1[at]), draws.labels[:, at]),
                average_precision=ranked and ranked.average_precision,
                roc_auc=ranked and ranked.roc_auc,
                precision_recall=ranked and ranked.precision_recall,
                roc=ranked and ranked.roc,
                error_before=_error([metrics.sigmoid(logits[:, at])], truth[:, at]),
                error_after=_error([each[:, at] for each in judged.probabilities], truth[:, at]),
            )
        )
    return records


def _error(probabilities: Sequence[npt.NDArray[np.float64]], truth: Bools) -> float | None:
    """Mean calibration error of one label's probabilities (n,), or None where none is high enough to tell."""
    found = np.array([calibration.label_error(each, truth)[0] for each in probabilities])
    known = found[~np.isnan(found)]
    return float(known.mean()) if len(known) else None
