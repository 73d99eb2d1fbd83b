"""Fits the extractive engine: scores of sentences, and probabilities of words.

Sentences: ridge regression of the unigram and bigram F1 that a sentence has with the story's summary. Words:
    logistic
regression of whether the summary contains them, on sentence scores and word priors fitted on other stories.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression, Ridge

from build.summarization.config import Extractive
from build.summarization.extractive.stories import Floats, Story, folds
from functions.summarization.extracts.config import ExtractiveConfig
from functions.summarization.extracts.features import NAMES
from functions.summarization.extracts.notes import ScoredNote
from functions.summarization.extracts.scoring import (
    SentenceWeights,
    WordWeights,
    sentence_scores,
    word_chances,
    word_table,
)

_TINY = 1e-6


class FittedExtractor(NamedTuple):
    """Parameters fitted on some stories."""

    sentences: SentenceWeights
    words: WordWeights
    priors: dict[str, float]
    unknown: float

    def read(self, story: Story) -> ScoredNote:
        """A story as the engine reads it."""
        note, scores = story.note, sentence_scores(story.columns, self.sentences)
        probabilities = word_chances(note.words, scores, self.words, self.priors, self.unknown)
        return ScoredNote(list(range(len(note.texts))), note, scores, probabilities)


class _WordExamples(NamedTuple):
    rows: Floats
    in_summary: npt.NDArray[np.bool_]
    weights: npt.NDArray[np.float64]


def fit(stories: Sequence[Story], settings: Extractive) -> FittedExtractor:
    """Fit on all stories; the inputs of the word model are fitted on the other folds."""
    word_weights = _fit_words(_word_examples(stories, settings), settings)
    priors, unknown = _priors(stories, settings)
    return FittedExtractor(_fit_sentences(stories, settings), word_weights, priors, unknown)


def untuned_config(
    name: str, version: str, fitted: FittedExtractor, settings: Extractive
) -> ExtractiveConfig:
    """The artifact's configuration before tuning."""
    return ExtractiveConfig(
        name=name,
        version=version,
        max_sentences=3,
        sentence_words=settings.sentence_words[0],
        max_sentence_words=settings.max_words[0],
        short_note_words=settings.short_note_words,
        score_weight=settings.score_weights[0],
        emotion_weight=0.0,
        unknown_word=fitted.unknown,
        sentences=fitted.sentences,
        words=fitted.words,
    )


def _word_examples(stories: Sequence[Story], settings: Extractive) -> _WordExamples:
    fold_of = folds(stories, settings.folds)
    rows, in_summary, weights = [], [], []
    for fold in range(settings.folds):
        others = [story for story, other in zip(stories, fold_of, strict=True) if other != fold]
        sentences = _fit_sentences(others, settings)
        priors, unknown = _priors(others, settings)
        for story in (story for story, own in zip(stories, fold_of, strict=True) if own == fold):
            scores = sentence_scores(story.columns, sentences)
            names, table = word_table(story.note.words, scores, priors, unknown)
            rows.append(table)
            in_summary += [name in story.summary_words for name in names]
            weights += [story.weight] * len(names)
    return _WordExamples(np.concatenate(rows), np.asarray(in_summary), np.asarray(weights))


def _fit_sentences(stories: Sequence[Story], settings: Extractive) -> SentenceWeights:
    """Weights for the raw features: scales are folded in, and the constant is dropped."""
    rows = np.concatenate([story.columns for story in stories])
    targets = np.concatenate([story.targets for story in stories])
    weights = np.concatenate([np.full(len(story.targets), story.weight) for story in stories])
    scale = _scale(rows)
    embedding_start = len(NAMES) + stories[0].note.emotions.shape[1]
    scale[embedding_start:] /= settings.embedding_scale
    model = Ridge(alpha=settings.ridge_alpha).fit(
        (rows - rows.mean(axis=0)) / scale, targets, sample_weight=weights
    )
    coefficients = (model.coef_ / scale / targets.std()).round(5).tolist()
    return SentenceWeights(
        features=dict(zip(NAMES, coefficients[: len(NAMES)], strict=True)),
        emotions=tuple(coefficients[len(NAMES) : embedding_start]),
        embedding=tuple(coefficients[embedding_start:]),
    )


def _priors(stories: Sequence[Story], settings: Extractive) -> tuple[dict[str, float], float]:
    """Log-odds that a summary contains a word of its story, per word and overall.

    Each word's log-odds are shrunk towards the overall ones.
    """
    in_story: Counter[str] = Counter()
    in_summary: Counter[str] = Counter()
    for story in stories:
        for word in {word for sentence in story.note.words for word in sentence}:
            in_story[word] += story.weight  # type: ignore[assignment]
            in_summary[word] += story.weight * (word in story.summary_words)  # type: ignore[assignment]
    overall = sum(in_summary.values()) / sum(in_story.values())
    strength = settings.prior_strength
    probabilities = {
        word: (in_summary[word] + strength * overall) / (count + strength)
        for word, count in in_story.items()
        if count >= settings.min_stories
    }
    log_odds = {word: round(_log_odds(value), 3) for word, value in sorted(probabilities.items())}
    return log_odds, round(_log_odds(overall), 3)


def _scale(rows: Floats) -> Floats:
    """Standard deviation of each column; 1 for constant columns."""
    deviation: Floats = rows.std(axis=0)
    return np.where(deviation < _TINY, np.float32(1.0), deviation)


def _log_odds(probability: float) -> float:
    return math.log(probability / (1.0 - probability))


def _fit_words(examples: _WordExamples, settings: Extractive) -> WordWeights:
    features = examples.rows[:, 1:]
    mean, scale = features.mean(axis=0), _scale(features)
    model = LogisticRegression(C=settings.word_c, max_iter=1000)
    model.fit((features - mean) / scale, examples.in_summary, sample_weight=examples.weights)
    coefficients = model.coef_[0] / scale
    constant = float(model.intercept_[0] - coefficients @ mean)
    names = WordWeights.__struct_fields__
    return WordWeights(**dict(zip(names, np.round([constant, *coefficients], 5).tolist(), strict=True)))
