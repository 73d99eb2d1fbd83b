"""Fits the weights: logistic regression over the gaps between words, then lengths and a bias."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from build.run_ons.speech import Speech
from functions.shared.text import run_ons
from functions.shared.text.run_ons import Weights

Floats = npt.NDArray[np.float64]
Feature = tuple[str, str]

COMMON = 250
"""Words that are classes of their own."""
SCALE = 10.0
LONGEST = 40
_LEAST_COUNT = 8
_SMOOTHING = 1.5
_LENGTH_WEIGHTS, _BIASES = (0.3, 0.5, 0.7), (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


class Scores(NamedTuple):
    """Of cuts."""

    precision: float
    recall: float
    f1: float


def fit(speeches: Sequence[Speech], held_out: Sequence[Speech], keep: int, regularization: float) -> Weights:
    """Fit twice: on all frequent features, then on the ``keep`` strongest.

    The bias and the weight of lengths are those with the best F1 on ``held_out``.
    """
    counts = Counter(word for speech in speeches for word in speech.words)
    common = frozenset(word for word, _ in counts.most_common(COMMON))
    truth = np.array([at in speech.starts for speech in speeches for at in range(1, len(speech.words))])
    frequent = Counter(feature for row in _rows(speeches, common) for feature in row)
    chosen = sorted(feature for feature, count in frequent.items() if count >= _LEAST_COUNT)
    coefficients, _ = _regression(_rows(speeches, common), truth, chosen, regularization)
    strength = np.abs(coefficients) * np.sqrt([frequent[feature] for feature in chosen])
    chosen = sorted(chosen[index] for index in np.argsort(-strength)[:keep])
    coefficients, bias = _regression(_rows(speeches, common), truth, chosen, regularization)
    fitted = Weights(
        scale=SCALE,
        bias=bias,
        common=common,
        lengths=(0.0,) * (LONGEST + 1),
        features=_tables(chosen, coefficients),
    )
    return _calibrated(fitted, _length_scores(speeches, float(truth.mean())), held_out)


def evaluate(speeches: Sequence[Speech], weights: Weights) -> Scores:
    """Score the cuts in all speeches, pooled."""
    found = [frozenset(run_ons.cuts(speech.words, LONGEST, weights)) for speech in speeches]
    return score([speech.starts for speech in speeches], found)


def score(expected: Sequence[frozenset[int]], found: Sequence[frozenset[int]]) -> Scores:
    right = sum(len(a & b) for a, b in zip(expected, found, strict=True))
    wanted, cut = sum(map(len, expected)), sum(map(len, found))
    return Scores(right / max(cut, 1), right / max(wanted, 1), 2 * right / max(wanted + cut, 1))


def _rows(speeches: Sequence[Speech], common: frozenset[str]) -> Iterator[Iterator[Feature]]:
    """The features of every gap; computed again for each pass, since all of them would fill the memory."""
    for words, _ in speeches:
        kinds = [run_ons.kind(word, common) for word in words]
        for at in range(1, len(words)):
            yield run_ons.features(words, kinds, at)


def _regression(
    rows: Iterable[Iterable[Feature]],
    truth: npt.NDArray[np.bool_],
    chosen: Sequence[Feature],
    strength: float,
) -> tuple[Floats, float]:
    column = {feature: index for index, feature in enumerate(chosen)}
    indices, ends = array("i"), array("q", [0])
    for row in rows:
        indices.extend(column[feature] for feature in row if feature in column)
        ends.append(len(indices))
    ones = np.ones(len(indices), np.float32)
    matrix = csr_matrix((ones, indices, ends), shape=(len(truth), len(chosen)))
    model = LogisticRegression(C=strength, max_iter=120).fit(matrix, truth)
    return model.coef_[0], float(model.intercept_[0])


def _tables(chosen: Sequence[Feature], coefficients: Floats) -> dict[str, dict[str, int]]:
    tables: dict[str, dict[str, int]] = {name: {} for name, _ in run_ons.features(["a"], ["a"], 0)}
    for (name, value), coefficient in zip(chosen, coefficients, strict=True):
        if weight := round(float(coefficient) * SCALE):
            tables[name][value] = weight
    return tables


def _length_scores(speeches: Sequence[Speech], rate: float) -> Floats:
    """How much likelier each length is than if every gap were a cut with probability ``rate``."""
    lengths = Counter[int]()
    for speech in speeches:
        bounds = [0, *sorted(speech.starts), len(speech.words)]
        lengths.update(end - start for start, end in pairwise(bounds))
    grid = np.arange(LONGEST + 1)
    counts = np.array([lengths[length] for length in range(LONGEST + 1)], dtype=np.float64)
    near = np.exp(-(((grid[:, None] - grid[None, :]) / _SMOOTHING) ** 2) / 2)
    smooth = near @ counts
    expected = rate * (1 - rate) ** (np.maximum(grid, 1) - 1)
    return np.asarray(np.log(smooth / smooth.sum() + 1e-6) - np.log(expected))


def _calibrated(fitted: Weights, lengths: Floats, held_out: Sequence[Speech]) -> Weights:
    """The weight of lengths and the shift of the bias with the best F1."""
    gaps = [run_ons.scores(speech.words, fitted) for speech in held_out]
    expected = [speech.starts for speech in held_out]

    def f1(weight: float, shift: float) -> float:
        scores = tuple((weight * lengths).tolist())
        shifted = ([gap + shift for gap in row] for row in gaps)
        return score(expected, [frozenset(run_ons.best_cuts(row, scores, LONGEST)) for row in shifted]).f1

    weight, shift = max(((w, s) for w in _LENGTH_WEIGHTS for s in _BIASES), key=lambda pair: f1(*pair))
    scaled = tuple(round(float(value), 3) for value in weight * lengths)
    return msgspec.structs.replace(fitted, bias=round(fitted.bias + shift, 3), lengths=scaled)
