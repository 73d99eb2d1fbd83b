"""Records of the individual labels of a head: fitted parameters, scores, curves and calibration.

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
    names: Sequence[str], logits: Floats, truth: Bools, results: CrossValidated, draws: bootstrap.BootstrapF1
) -> list[LabelRecord]:
    """One record per label; ``draws`` are the bootstrap samples of the decisions' F1."""
    counts = [metrics.confusion_counts(decided, truth) for decided in results.decisions]
    precision, recall, f1 = (
        np.mean([metric(count) for count in counts], axis=0)
        for metric in (Counts.precision, Counts.recall, Counts.f1)
    )
    records = []
    for column, name in enumerate(names):
        ranked = ranking.ranking_scores(logits[:, column], truth[:, column])
        records.append(
            LabelRecord(
                label=name,
                examples=int(truth[:, column].sum()),
                temperature=float(results.rule.scaling.temperatures[column]),
                offset=float(results.rule.scaling.offsets[column]),
                threshold=float(results.rule.thresholds[column]),
                precision=float(precision[column]),
                recall=float(recall[column]),
                f1=bootstrap.percentile_interval(float(f1[column]), draws.labels[:, column]),
                average_precision=ranked and ranked.average_precision,
                roc_auc=ranked and ranked.roc_auc,
                precision_recall=ranked and ranked.precision_recall,
                roc=ranked and ranked.roc,
                error_before=_error([metrics.sigmoid(logits[:, column])], truth[:, column]),
                error_after=_error([repeat[:, column] for repeat in results.probabilities], truth[:, column]),
            )
        )
    return records


def _error(probabilities: Sequence[npt.NDArray[np.float64]], truth: Bools) -> float | None:
    """Mean calibration error of one label's probabilities (n,); None if none is high enough to measure it."""
    errors = np.array([calibration.label_error(repeat, truth)[0] for repeat in probabilities])
    defined = errors[~np.isnan(errors)]
    return float(defined.mean()) if len(defined) else None
