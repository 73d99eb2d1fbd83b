"""Tunes the extractive engine by cross-validation, and extracts with engines not fitted on the text.

How scores and words are weighted, and how long summaries are, is chosen by the ROUGE of held-out stories.
"""

from __future__ import annotations

import logging
from collections.abc import Container, Sequence
from itertools import product
from typing import NamedTuple

import msgspec
import numpy as np

from build.data.summaries import Pair
from build.summarization import rouge
from build.summarization.config import Extractive
from build.summarization.extractive.fitting import fit
from build.summarization.extractive.stories import Story, folds
from functions.shared.text.sentences import segments
from functions.summarization.engine import Text
from functions.summarization.extracts.choice import choose
from functions.summarization.extracts.config import ExtractiveConfig
from functions.summarization.extracts.engine import ExtractiveEngine
from functions.summarization.extracts.notes import ScoredNote

log = logging.getLogger(__name__)


class HeldOutStory(NamedTuple):
    """A story read with parameters fitted on the other folds."""

    story: Story
    read: ScoredNote


def cross_validated_stories(stories: Sequence[Story], settings: Extractive) -> list[HeldOutStory]:
    """Every story, read with parameters fitted on the other folds."""
    fold_of = folds(stories, settings.folds)
    held_out = []
    for fold in range(settings.folds):
        others = [story for story, other in zip(stories, fold_of, strict=True) if other != fold]
        fitted = fit(others, settings)
        own = [story for story, other in zip(stories, fold_of, strict=True) if other == fold]
        held_out += [HeldOutStory(story, fitted.read(story)) for story in own]
        log.info("read held-out fold %d of %d", fold + 1, settings.folds)
    return held_out


def out_of_fold_extracts(stories: Sequence[HeldOutStory], config: ExtractiveConfig) -> dict[str, str]:
    """The extract of each held-out story, by the story's id."""
    return {held_out.story.pair.id: _extract(held_out.read, config) for held_out in stories}


def tune(
    stories: Sequence[HeldOutStory], settings: Extractive, untuned: ExtractiveConfig
) -> ExtractiveConfig:
    """Choose by ROUGE-1 on the recalled stories.

    The emotion weight is the largest that costs at most `max_rouge_loss`: human summaries tell what happened,
    but a journal is also about feelings.
    """
    recalled = [held_out for held_out in stories if held_out.story.pair.kind in ("", "recalled")]
    objective = RougeObjective([(item.read, item.story.pair.summary) for item in recalled])
    grid = product(settings.score_weights, settings.sentence_words, settings.max_words)
    candidates = [
        msgspec.structs.replace(
            untuned, score_weight=weight, sentence_words=length, max_sentence_words=max_words
        )
        for weight, length, max_words in grid
    ]
    best = max(candidates, key=objective.rouge1)
    min_rouge = objective.rouge1(best) - settings.max_rouge_loss
    weighted = [msgspec.structs.replace(best, emotion_weight=weight) for weight in settings.emotion_weights]
    acceptable = [config for config in weighted if objective.rouge1(config) >= min_rouge]
    return max(acceptable, key=lambda config: config.emotion_weight)


class RougeObjective:
    """ROUGE of a configuration on held-out stories and their reference summaries."""

    def __init__(self, reads: Sequence[tuple[ScoredNote, str]]) -> None:
        self._reads = reads

    def rouge1(self, config: ExtractiveConfig) -> float:
        """Mean ROUGE-1 of the engine's extracts."""
        extracts = [_extract(read, config) for read, _ in self._reads]
        means = rouge.score([summary for _, summary in self._reads], extracts).mean(axis=0)
        log.info(
            "score %.2f, emotion %.2f, words %d, at most %d: ROUGE %s",
            *(config.score_weight, config.emotion_weight, config.sentence_words, config.max_sentence_words),
            np.round(means, 2),
        )
        return float(means[0])


def extract_new(pairs: Sequence[Pair], engine: ExtractiveEngine, known: Container[str]) -> dict[str, str]:
    """Extracts of the texts whose id is not in ``known``, by id; the engine must not be fitted on them."""
    return {
        pair.id: " ".join(quote.text for quote in engine.summarize([Text(segments(pair.source))]).quotes)
        for pair in pairs
        if pair.id not in known
    }


def _extract(read: ScoredNote, config: ExtractiveConfig) -> str:
    chosen = choose([read], config, config.max_sentences)
    return " ".join(read.note.texts[row] for _, row in chosen)
