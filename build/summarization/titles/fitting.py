"""Fits the scorer of titles: logistic regression on phrases of the core and readers' own titles.

Of four titles that readers gave, one is word for word in its entry and another has most words from one place.
So each phrase of a core sentence is an example; its target is how much it has in common with the title and,
with less weight, how many of its words are in the reader's title or summary.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from build.data.journal.entries import Entry
from build.summarization.config import Titles
from functions.summarization.abstracts.faithfulness import stem
from functions.summarization.titles.features import Place, features
from functions.summarization.titles.phrases import phrases
from functions.summarization.titles.title import TitleWeights
from functions.summarization.wording.words import FUNCTION, words

_FUNCTION_WEIGHT = 0.5
"""Of a function word, relative to a content word, in what a phrase and a title have in common."""


class _Example(NamedTuple):
    features: dict[str, float]
    target: float
    weight: float


class _Examples(NamedTuple):
    rows: csr_matrix
    names: Sequence[str]
    targets: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]


def fit(entries: Sequence[Entry], nouns: Set[str], settings: Titles) -> TitleWeights:
    """Fit on the core sentences that readers chose, the best first."""
    random = np.random.default_rng(len(entries))
    examples = _matrix(
        [example for entry in entries for example in _sampled(entry, nouns, settings, random)], settings
    )
    yes = examples.weights * examples.targets
    model = LogisticRegression(C=settings.c, max_iter=300).fit(
        vstack([examples.rows, examples.rows]),
        np.repeat([1, 0], len(yes)),
        sample_weight=np.concatenate([yes, examples.weights - yes]),
    )
    weights = zip(examples.names, np.round(model.coef_[0], 2).tolist(), strict=True)
    return TitleWeights(
        constant=round(float(model.intercept_[0]), 2),
        least=settings.least,
        features={name: weight for name, weight in weights if weight},
    )


def resemblance(phrase: Sequence[str], title: Sequence[str]) -> float:
    """F1 of the stems that a phrase and a title have in common; 0 if they share no content word."""
    first, second = ({stem(word) for word in listed} for listed in (phrase, title))
    shared = first & second
    if all(word in FUNCTION for word in shared):
        return 0.0
    return 2.0 * _size(shared) / (_size(first) + _size(second))


def _size(stems: Set[str]) -> float:
    return sum(_FUNCTION_WEIGHT if word in FUNCTION else 1.0 for word in stems)


def _sampled(
    entry: Entry, nouns: Set[str], settings: Titles, random: np.random.Generator
) -> Iterator[_Example]:
    """An entry's phrases that resemble its title, and some of the others in place of all of them."""
    examples = list(_examples(entry, nouns, settings))
    yield from (example for example, alike in examples if alike)
    others = [example for example, alike in examples if not alike]
    count = min(len(others), settings.other_phrases)
    for index in random.permutation(len(others))[:count].tolist():
        yield others[index]._replace(weight=len(others) / count)


def _examples(entry: Entry, nouns: Set[str], settings: Titles) -> Iterator[tuple[_Example, bool]]:
    """Each phrase of the core, and whether it resembles the title."""
    labels, last = entry.labels, max(1, len(entry.sentences) - 1)
    title = words(labels.title)
    told = {stem(word) for word in (*title, *words(labels.summary))}
    counts = Counter(word for sentence in entry.sentences for word in words(sentence))
    for rank, index in enumerate(labels.core):
        place = Place(rank, index / last)
        for phrase in phrases(entry.sentences[index], nouns):
            alike = resemblance([word for token in phrase.words for word in words(token)], title)
            content = [stem(word) for word in phrase.words if word not in FUNCTION]
            covered = sum(word in told for word in content) / max(1, len(content))
            target = settings.title_weight * alike**2 + (1.0 - settings.title_weight) * covered
            known = dict(features(phrase, place, counts))
            yield _Example(known, target, 1.0), alike >= settings.min_resemblance


def _matrix(examples: Sequence[_Example], settings: Titles) -> _Examples:
    """The examples' features that are frequent enough to learn from."""
    counts = Counter(name for example in examples for name in example.features)
    rows: list[Mapping[str, float]] = [
        {name: value for name, value in example.features.items() if counts[name] >= settings.min_count}
        for example in examples
    ]
    vectorizer = DictVectorizer()
    return _Examples(
        vectorizer.fit_transform(rows).tocsr(),
        vectorizer.get_feature_names_out().tolist(),
        np.asarray([example.target for example in examples]),
        np.asarray([example.weight for example in examples]),
    )
