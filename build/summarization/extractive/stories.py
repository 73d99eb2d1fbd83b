"""Stories as inputs of the extractive engine, with the targets for fitting it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from build.data.summaries import Pair
from build.summarization import rouge
from functions.shared.text import sentences as splitter
from functions.shared.text.encoder import TextEncoder
from functions.summarization.extracts.features import Note, encode_note
from functions.summarization.extracts.scoring import columns
from functions.summarization.wording.words import only_fillers, words

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]


class Story(NamedTuple):
    """A pair with the features of its sentences and the targets from its summary."""

    pair: Pair
    note: Note
    columns: Floats
    targets: Floats
    """(n,): sum of the unigram and bigram F1 of each sentence with the summary."""
    summary_words: frozenset[str]
    weight: float


def load_stories(pairs: Sequence[Pair], encoder: TextEncoder, weights: Mapping[str, float]) -> list[Story]:
    """Compute the features of every pair with the released encoder."""
    stories = []
    for count, pair in enumerate(pairs, start=1):
        texts = [text for text in splitter.split(pair.source) if not only_fillers(words(text))]
        if texts:
            note = encode_note(texts, encoder)
            summary_words = frozenset(words(pair.summary))
            targets = _targets(texts, pair.summary)
            weight = weights.get(pair.kind, 1.0)
            stories.append(Story(pair, note, columns(note), targets, summary_words, weight))
        if count % 500 == 0:
            log.info("read %d of %d stories", count, len(pairs))
    return stories


def folds(stories: Sequence[Story], count: int) -> list[int]:
    """The fold of each story; stories about the same day are in the same fold."""
    groups = sorted({story.pair.group or story.pair.id for story in stories})
    random = np.random.default_rng(len(groups))
    fold_of = dict(zip(groups, (random.permutation(len(groups)) % count).tolist(), strict=True))
    return [fold_of[story.pair.group or story.pair.id] for story in stories]


def _targets(texts: Sequence[str], summary: str) -> Floats:
    reference = rouge.tokens(summary)
    targets = []
    for text in texts:
        tokens = rouge.tokens(text)
        unigram_f1 = _f1(Counter(tokens), Counter(reference))
        targets.append(unigram_f1 + _f1(_bigrams(tokens), _bigrams(reference)))
    return np.asarray(targets, dtype=np.float32)


def _bigrams(tokens: Sequence[str]) -> Counter[Any]:
    return Counter(pairwise(tokens))


def _f1(first: Counter[Any], second: Counter[Any]) -> float:
    return 2.0 * (first & second).total() / max(1, first.total() + second.total())
