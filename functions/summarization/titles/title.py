"""Titles: a phrase of an entry's core as a person would use it, or none.

Phrases are scored by logistic regression on how people title their entries (`build/summarization/titles`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence, Set
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from functions.summarization.titles.features import Place, features
from functions.summarization.titles.phrases import Phrase, phrases
from functions.summarization.wording.disfluencies import capitalize

MAX_SENTENCES = 4
"""Titles are from this many sentences, the best ones."""
_MAX_SHARE = 0.6
"""A phrase with more of an entry's words would only repeat it."""
_FIRST_PERSON = re.compile(r"\bi(?=$|\s|['’,](?:m|ve|d|ll|\s))")


class TitleWeights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Weights of the log-odds that a phrase is a title.

    Attributes:
        constant: the intercept.
        least: the least probability of a title.
        features: by name, see `features`; those not listed weigh nothing.
    """

    constant: float
    least: Annotated[float, Meta(ge=0.0, le=1.0)]
    features: dict[str, float]


class CoreSentence(NamedTuple):
    """A sentence that a title may come from, and where it stands: from 0, the first, to 1, the last."""

    text: str
    place: float


def make_title(
    sentences: Sequence[CoreSentence], counts: Mapping[str, int], nouns: Set[str], weights: TitleWeights
) -> str | None:
    """The best phrase of `sentences` (the best first); None if none is good enough.

    Args:
        counts: how often each word occurs in the whole entry.
        nouns: words that usually name a thing.
    """
    scored = [
        (log_odds(phrase, Place(rank, sentence.place), counts, weights), -rank, phrase.text)
        for rank, sentence in enumerate(sentences[:MAX_SENTENCES])
        for phrase in phrases(sentence.text, nouns)
        if len(phrase.words) <= _MAX_SHARE * sum(counts.values())
    ]
    if not scored:
        return None
    best, _, text = max(scored)
    if 1.0 / (1.0 + math.exp(-best)) < weights.least:
        return None
    return capitalize(_FIRST_PERSON.sub("I", " ".join(text.split())))


def log_odds(phrase: Phrase, place: Place, counts: Mapping[str, int], weights: TitleWeights) -> float:
    """The log-odds that a person would take a phrase as the title."""
    known = weights.features
    return weights.constant + sum(
        known.get(name, 0.0) * value for name, value in features(phrase, place, counts)
    )
