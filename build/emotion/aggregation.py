"""How an entry of several sentences is best judged as a whole, measured on Lemotif.

``python -m build.emotion.aggregation MODEL --data FOLDER [--join 4]``, MODEL an encoder's folder

Every way of reading an entry (each sentence, as many as fit at once, or both) and of aggregating its parts is
scored by how well it finds what the writers say: heads for feelings and topics as they are, on dev.
Lemotif does not know GoEmotions' labels, so emotions are scored by how well a logistic regression on them
finds the feelings; on train too where the encoder has no head of Lemotif's, and so was not trained on it.

``--join`` makes longer entries of that many others, which say what any of them says; what is fitted
(regression, thresholds) is fitted on single entries of the other folds, as what ships is.
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
from build.emotion.ways import WAYS, Parts, Way, judge, own
from build.errors import BuildError, DataError
from build.evaluation import metrics, thresholds
from build.evaluation.metrics import Bools
from functions.emotion.model import EMOTIONS, FEELINGS, TOPICS
from functions.emotion.sentiment import valence
from functions.shared.errors import SamoError
from functions.shared.text.encoder import TextEncoder, load_encoder
from functions.shared.text.sentences import split

Floats = npt.NDArray[np.floating]
Doubles = npt.NDArray[np.float64]
Folds = npt.NDArray[np.int64]

PLEASANT = frozenset({"calm", "excited", "happy", "proud", "satisfied"})
NEITHER = frozenset({"nostalgic", "surprised"})
_FOLDS = 10
_DRAWS = 1000
_FEWEST = 10
"""Examples a label must have to be counted."""
_RIDGE = 0.03
"""scikit-learn's C of the regression on emotions."""


class Entries(NamedTuple):
    """Entries as their sentences, what they say, (n, labels) by head, and the fold of each (n,)."""

    sentences: Parts
    truth: dict[str, Bools]
    labels: dict[str, list[str]]
    folds: Folds

    def joined(self, count: int) -> Entries:
        """``count`` entries of a fold at a time as one."""
        rows = (np.flatnonzero(self.folds == fold) for fold in range(_FOLDS))
        groups = [row[start : start + count] for row in rows for start in range(0, len(row), count)]
        return Entries(
            [[each for row in group for each in self.sentences[row]] for group in groups],
            {
                head: np.array([truth[group].any(axis=0) for group in groups])
                for head, truth in self.truth.items()
            },
            self.labels,
            np.array([self.folds[group[0]] for group in groups]),
        )


class Figure(NamedTuple):
    """A value with its bootstrap interval."""

    value: float
    low: float
    high: float


class Finding(NamedTuple):
    """What a way finds; ``lead`` is its mean average precision less that of the head's own way."""

    precision: Figure
    lead: Figure
    macro_f1: Figure


class Scored(NamedTuple):
    """What a way says of entries under each label, both (n, labels)."""

    scores: Doubles
    decisions: Bools


def read(folder: Path, encoder: TextEncoder, seed: int = 0) -> Entries:
    """Lemotif's dev split, or train as well where the encoder has no head of Lemotif's.

    Raises:
        DataError: as the loader does.
    """
    heads = encoder.config.heads
    splits: list[lemotif.Split] = ["dev"] if {FEELINGS, TOPICS} & set(heads) else ["train", "dev"]
    names: list[lemotif.Head] = ["feelings", "topics"]
    labels = {name: list(heads[name].labels) if name in heads else lemotif.LABELS[name] for name in names}
    loaded = {name: [lemotif.load(folder, each, name, labels[name]) for each in splits] for name in names}
    texts = [text for examples in loaded["feelings"] for text in examples.texts]
    return Entries(
        [split(text) or [text] for text in texts],
        {name: np.vstack([each.targets > 0 for each in found]) for name, found in loaded.items()},
        {str(name): names for name, names in labels.items()},
        np.random.default_rng(seed).permutation(len(texts)) % _FOLDS,
    )


def measure(encoder: TextEncoder, name: str, short: Entries, long: Entries) -> dict[Way, Finding]:
    """Every way of judging ``long`` entries by one head, with what is fitted on ``short`` ones.

    Raises:
        DataError: no label has enough examples to be scored.
    """
    judged = FEELINGS if name == EMOTIONS else name
    kept = np.flatnonzero(long.truth[judged].sum(axis=0) >= _FEWEST)
    if not kept.size:
        raise DataError(f"no {judged} with {_FEWEST} examples among {len(long.folds)} entries")
    truth = long.truth[judged][:, kept]
    given, asked = (judge(encoder, name, each.sentences) for each in (short, long))
    if name != EMOTIONS:
        given, asked = ({way: rows[:, kept] for way, rows in each.items()} for each in (given, asked))
    fitted = _Fitted(short.truth[judged][:, kept], short.folds, long.folds, probe=name == EMOTIONS)
    scored = {way: fitted.score(given[way], asked[way]) for way in WAYS}
    return _findings(scored, truth, own(encoder.head(name)))


def sentiment(encoder: TextEncoder, entries: Entries) -> dict[Way, float]:
    """Correlation of the sentiment of emotions with the share of pleasant less unpleasant feelings."""
    signs = np.array([_sign(label) for label in entries.labels[FEELINGS]])
    said = entries.truth[FEELINGS]
    pleasure = (said @ signs) / np.maximum(said @ np.abs(signs), 1)
    labels = encoder.head(EMOTIONS).labels
    found = judge(encoder, EMOTIONS, entries.sentences)
    return {way: float(np.corrcoef(valence(rows, labels), pleasure)[0, 1]) for way, rows in found.items()}


class _Fitted:
    """Scores and decisions by what is fitted on short entries of other folds than the long ones scored."""

    def __init__(self, truth: Bools, short: Folds, long: Folds, *, probe: bool) -> None:
        self._truth, self._short, self._long, self._probe = truth, short, long, probe

    def score(self, given: Floats, asked: Floats) -> Scored:
        """Of probabilities of the short entries and of the long ones."""
        shape = (len(asked), self._truth.shape[1])
        scored = Scored(np.zeros(shape), np.zeros(shape, dtype=np.bool_))
        for fold in range(_FOLDS):
            others, inside = self._short != fold, self._long == fold
            known, found = given[others], asked[inside]
            if self._probe:
                known, found = _regress(known, self._truth[others], found)
            scored.scores[inside] = found
            fitted = thresholds.fit(known, self._truth[others], thresholds.Search())
            scored.decisions[inside] = found >= fitted
        return scored


def _regress(given: Floats, truth: Bools, asked: Floats) -> tuple[Doubles, Doubles]:
    """Probabilities, of the given rows and of those asked, by a logistic regression a label on logits."""
    scale = StandardScaler().fit(metrics.logit(given))
    rows = [scale.transform(metrics.logit(each)) for each in (given, asked)]
    models = [LogisticRegression(C=_RIDGE, solver="newton-cholesky") for _ in truth.T]
    for model, column in zip(models, truth.T, strict=True):
        model.fit(rows[0], column)
    known, found = (np.stack([model.predict_proba(each)[:, 1] for model in models], 1) for each in rows)
    return known, found


def _findings(scored: dict[Way, Scored], truth: Bools, own: Way) -> dict[Way, Finding]:
    """Scores of every way; the first draw is the sample itself."""
    weights = np.vstack([np.ones(len(truth)), metrics.resample(len(truth), _DRAWS, seed=1)])
    precision = {way: mean_average_precision(found.scores, truth, weights) for way, found in scored.items()}
    return {
        way: Finding(
            _figure(precision[way]),
            _figure(precision[way] - precision[own]),
            _figure(metrics.bootstrap_macro_f1([found.decisions], truth, weights)),
        )
        for way, found in scored.items()
    }


def mean_average_precision(scores: Doubles, truth: Bools, weights: Doubles) -> Doubles:
    """Mean over labels of the average precision of scores (n, labels), in draws (draws, n): (draws,)."""
    total = np.zeros(len(weights))
    for column, right in zip(scores.T, truth.T, strict=True):
        order = np.argsort(-column, kind="stable")
        drawn = weights[:, order]
        hits = drawn * right[order]
        precision = hits.cumsum(axis=1) / np.maximum(drawn.cumsum(axis=1), 1)
        total += (hits * precision).sum(axis=1) / np.maximum(hits.sum(axis=1), 1)
    return np.asarray(total / scores.shape[1])


def _figure(samples: Doubles) -> Figure:
    """The first of the samples, with the spread of the others: a bootstrap inflates rankings themselves."""
    shifted = samples[1:] - samples[1:].mean() + samples[0]
    return Figure(float(samples[0]), *metrics.interval(shifted))


def _sign(feeling: str) -> int:
    return 0 if feeling in NEITHER else 1 if feeling in PLEASANT else -1


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table a head; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        encoder = load_encoder(options.model)
        short = read(options.data, encoder)
        long = short.joined(options.join)
        print(f"{encoder.config.name} {encoder.config.version}: {len(long.sentences)} entries")
        for name in (name for name in (EMOTIONS, FEELINGS, TOPICS) if name in encoder.config.heads):
            _print(name, measure(encoder, name, short, long), own(encoder.head(name)))
        for way, correlation in sentiment(encoder, long).items():
            print(f"sentiment  {way!s:32} {correlation:.3f}")
    except (BuildError, SamoError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _print(name: str, findings: dict[Way, Finding], own: Way) -> None:
    for way, found in sorted(findings.items(), key=lambda item: -item[1].precision.value):
        figures = "  ".join(f"{each.value:6.3f} [{each.low:6.3f}, {each.high:6.3f}]" for each in found)
        print(f"{name:10} {way!s:32} {figures}{'  *' if way == own else ''}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m build.emotion.aggregation", description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="a folder with Lemotif's splits")
    parser.add_argument(
        "--join", type=int, choices=range(1, 21), metavar="1..20", default=1, help="entries made one"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
