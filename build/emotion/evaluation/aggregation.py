"""Compares methods of judging an entry of several sentences as a whole, on Lemotif.

``python -m build.emotion.evaluation.aggregation MODEL --data FOLDER [--join 4]``, where MODEL is an encoder's
folder

A method consists of the parts it reads (sentences, passages as long as fit, or both) and of how it aggregates
their probabilities. It is scored by how well it predicts the authors' labels: feelings and topics directly,
on dev. Lemotif has no GoEmotions labels, so emotions are scored by a probe: a logistic regression that
predicts the feelings from them; on train as well if the encoder has no heads of Lemotif's labels and thus was
not trained on it.

``--join`` builds longer entries by concatenating that many, labelled with the union of their labels. Probe
and thresholds are fitted on single entries of the other folds, like the thresholds that ship.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from build.data import lemotif
from build.emotion.evaluation.aggregation_methods import (
    METHODS,
    AggregationMethod,
    Parts,
    configured_method,
    entry_probabilities,
)
from build.errors import BuildError, DataError
from build.evaluation import metrics, thresholds
from build.evaluation.metrics import Bools
from functions.emotion.model import EMOTIONS, FEELINGS, TOPICS
from functions.emotion.sentiment import valence
from functions.shared.encoder import TextEncoder, load_encoder
from functions.shared.errors import SamoError
from functions.shared.sentences import split

Floats = npt.NDArray[np.floating]
Doubles = npt.NDArray[np.float64]
Folds = npt.NDArray[np.int64]

POSITIVE = frozenset({"calm", "excited", "happy", "proud", "satisfied"})
NEUTRAL = frozenset({"nostalgic", "surprised"})
_FOLDS = 10
_BOOTSTRAP_SAMPLES = 1000
_MIN_EXAMPLES = 10
"""A label with fewer examples is not scored."""
_PROBE_C = 0.03
"""C of the probe's logistic regression on emotions."""


class Entries(NamedTuple):
    """Sentences of entries, their labels (n, labels) by head, and the fold of each (n,)."""

    sentences: Parts
    truth: dict[str, Bools]
    labels: dict[str, list[str]]
    folds: Folds

    def joined(self, count: int) -> Entries:
        """Concatenate groups of ``count`` entries of the same fold."""
        rows = (np.flatnonzero(self.folds == fold) for fold in range(_FOLDS))
        groups = [row[start : start + count] for row in rows for start in range(0, len(row), count)]
        return Entries(
            [[sentence for row in group for sentence in self.sentences[row]] for group in groups],
            {
                head: np.array([truth[group].any(axis=0) for group in groups])
                for head, truth in self.truth.items()
            },
            self.labels,
            np.array([self.folds[group[0]] for group in groups]),
        )


class Estimate(NamedTuple):
    """A value with its bootstrap interval."""

    value: float
    low: float
    high: float


class MethodScores(NamedTuple):
    """Scores of a method; ``lead`` is its mean average precision minus that of the configured method."""

    precision: Estimate
    lead: Estimate
    macro_f1: Estimate


class Predictions(NamedTuple):
    """Scores and decisions of a method, both (n, labels)."""

    scores: Doubles
    decisions: Bools


def read(folder: Path, encoder: TextEncoder, seed: int = 0) -> Entries:
    """Lemotif's dev split, and train as well if the encoder has no heads of Lemotif's labels.

    Raises:
        DataError: as the loader does.
    """
    heads = encoder.config.heads
    splits: list[lemotif.Split] = ["dev"] if {FEELINGS, TOPICS} & set(heads) else ["train", "dev"]
    names: list[lemotif.Head] = ["feelings", "topics"]
    labels = {name: list(heads[name].labels) if name in heads else lemotif.LABELS[name] for name in names}
    loaded = {
        name: [lemotif.load(folder, split_name, name, labels[name]) for split_name in splits]
        for name in names
    }
    texts = [text for examples in loaded["feelings"] for text in examples.texts]
    return Entries(
        [split(text) or [text] for text in texts],
        {name: np.vstack([dataset.targets > 0 for dataset in datasets]) for name, datasets in loaded.items()},
        {str(name): label_names for name, label_names in labels.items()},
        np.random.default_rng(seed).permutation(len(texts)) % _FOLDS,
    )


def measure(
    encoder: TextEncoder, name: str, short: Entries, long: Entries
) -> dict[AggregationMethod, MethodScores]:
    """Scores of every method for one head on ``long`` entries, with what is fitted on ``short`` ones.

    Raises:
        DataError: no label has enough examples.
    """
    target = FEELINGS if name == EMOTIONS else name
    columns = np.flatnonzero(long.truth[target].sum(axis=0) >= _MIN_EXAMPLES)
    if not columns.size:
        raise DataError(f"no {target} with {_MIN_EXAMPLES} examples among {len(long.folds)} entries")
    truth = long.truth[target][:, columns]
    short_probabilities, long_probabilities = (
        entry_probabilities(encoder, name, entries.sentences) for entries in (short, long)
    )
    if name != EMOTIONS:
        short_probabilities, long_probabilities = (
            {method: rows[:, columns] for method, rows in entries.items()}
            for entries in (short_probabilities, long_probabilities)
        )
    fitted = _ProbeAndThresholds(
        short.truth[target][:, columns], short.folds, long.folds, probe=name == EMOTIONS
    )
    predictions = {
        method: fitted.score(short_probabilities[method], long_probabilities[method]) for method in METHODS
    }
    return _method_scores(predictions, truth, configured_method(encoder.head(name)))


def sentiment(encoder: TextEncoder, entries: Entries) -> dict[AggregationMethod, float]:
    """Correlation of the emotions' sentiment with the share of positive minus negative feelings."""
    signs = np.array([_sign(label) for label in entries.labels[FEELINGS]])
    present = entries.truth[FEELINGS]
    balance = (present @ signs) / np.maximum(present @ np.abs(signs), 1)
    labels = encoder.head(EMOTIONS).labels
    probabilities = entry_probabilities(encoder, EMOTIONS, entries.sentences)
    return {
        method: float(np.corrcoef(valence(rows, labels), balance)[0, 1])
        for method, rows in probabilities.items()
    }


class _ProbeAndThresholds:
    """Scores and decisions for long entries, fitted on short entries of the other folds."""

    def __init__(self, truth: Bools, short: Folds, long: Folds, *, probe: bool) -> None:
        self._truth, self._short, self._long, self._probe = truth, short, long, probe

    def score(self, short: Floats, long: Floats) -> Predictions:
        """Predictions from the probabilities of the short and of the long entries."""
        shape = (len(long), self._truth.shape[1])
        predictions = Predictions(np.zeros(shape), np.zeros(shape, dtype=np.bool_))
        for fold in range(_FOLDS):
            in_training, in_fold = self._short != fold, self._long == fold
            training, held_out = short[in_training], long[in_fold]
            if self._probe:
                training, held_out = _probe(training, self._truth[in_training], held_out)
            predictions.scores[in_fold] = held_out
            tuned = thresholds.fit_thresholds(
                training, self._truth[in_training], thresholds.ThresholdSearch()
            )
            predictions.decisions[in_fold] = held_out >= tuned
        return predictions


def _probe(training: Floats, truth: Bools, held_out: Floats) -> tuple[Doubles, Doubles]:
    """Probabilities of the training and held-out rows by a logistic regression per label on logits."""
    scaler = StandardScaler().fit(metrics.logit(training))
    rows = [scaler.transform(metrics.logit(part)) for part in (training, held_out)]
    models = [LogisticRegression(C=_PROBE_C, solver="newton-cholesky") for _ in truth.T]
    for model, column in zip(models, truth.T, strict=True):
        model.fit(rows[0], column)
    fitted, predicted = (np.stack([model.predict_proba(part)[:, 1] for model in models], 1) for part in rows)
    return fitted, predicted


def _method_scores(
    predictions: dict[AggregationMethod, Predictions], truth: Bools, configured: AggregationMethod
) -> dict[AggregationMethod, MethodScores]:
    """Scores of every method; the first bootstrap sample is the data itself."""
    weights = np.vstack(
        [np.ones(len(truth)), metrics.bootstrap_weights(len(truth), _BOOTSTRAP_SAMPLES, seed=1)]
    )
    precision = {
        method: mean_average_precision(predicted.scores, truth, weights)
        for method, predicted in predictions.items()
    }
    return {
        method: MethodScores(
            _estimate(precision[method]),
            _estimate(precision[method] - precision[configured]),
            _estimate(metrics.bootstrap_macro_f1([predicted.decisions], truth, weights)),
        )
        for method, predicted in predictions.items()
    }


def mean_average_precision(scores: Doubles, truth: Bools, weights: Doubles) -> Doubles:
    """Mean over labels of the average precision of scores (n, labels), per bootstrap sample: (draws,)."""
    total = np.zeros(len(weights))
    for column, relevant in zip(scores.T, truth.T, strict=True):
        order = np.argsort(-column, kind="stable")
        sampled = weights[:, order]
        hits = sampled * relevant[order]
        precision = hits.cumsum(axis=1) / np.maximum(sampled.cumsum(axis=1), 1)
        total += (hits * precision).sum(axis=1) / np.maximum(hits.sum(axis=1), 1)
    return np.asarray(total / scores.shape[1])


def _estimate(samples: Doubles) -> Estimate:
    """The first sample with the spread of the others: the bootstrap inflates ranking scores themselves."""
    shifted = samples[1:] - samples[1:].mean() + samples[0]
    return Estimate(float(samples[0]), *metrics.percentile_range(shifted))


def _sign(feeling: str) -> int:
    return 0 if feeling in NEUTRAL else 1 if feeling in POSITIVE else -1


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one table per head; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        encoder = load_encoder(options.model)
        short = read(options.data, encoder)
        long = short.joined(options.join)
        print(f"{encoder.config.name} {encoder.config.version}: {len(long.sentences)} entries")
        for name in (name for name in (EMOTIONS, FEELINGS, TOPICS) if name in encoder.config.heads):
            _print(name, measure(encoder, name, short, long), configured_method(encoder.head(name)))
        for method, correlation in sentiment(encoder, long).items():
            print(f"sentiment  {method!s:32} {correlation:.3f}")
    except (BuildError, SamoError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _print(name: str, scores: dict[AggregationMethod, MethodScores], configured: AggregationMethod) -> None:
    for method, result in sorted(scores.items(), key=lambda item: -item[1].precision.value):
        figures = "  ".join(
            f"{estimate.value:6.3f} [{estimate.low:6.3f}, {estimate.high:6.3f}]" for estimate in result
        )
        print(f"{name:10} {method!s:32} {figures}{'  *' if method == configured else ''}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m build.emotion.evaluation.aggregation", description=__doc__
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder with Lemotif's splits")
    parser.add_argument(
        "--join", type=int, choices=range(1, 21), metavar="1..20", default=1, help="entries per joined entry"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
