"""Scores the emotions of sentences with the shared text encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from functions.shared.domain.content import EmotionScore
from functions.shared.text.encoder import TextEncoder

EMOTIONS = "emotions"

ScoreEmotions = Callable[[Sequence[str]], Sequence[tuple[EmotionScore, ...]]]
"""The emotions of each text, most probable first."""


def emotion_scorer(encoder: TextEncoder) -> ScoreEmotions:
    """A function that scores emotions with `encoder`. Raises ArtifactError if it has no head for them."""
    head = encoder.head(EMOTIONS)

    def score(texts: Sequence[str]) -> list[tuple[EmotionScore, ...]]:
        rows = head.probabilities(encoder.encode(texts).heads[EMOTIONS])
        return [
            tuple(
                EmotionScore(emotion=label, confidence=probability)
                for label, probability in head.above_threshold(row)
            )
            for row in rows
        ]

    return score
