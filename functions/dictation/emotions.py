"""What a sentence expresses, read off the shared text encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from functions.shared.domain.content import EmotionScore
from functions.shared.text.encoder import TextEncoder

EMOTIONS = "emotions"

ScoreEmotions = Callable[[Sequence[str]], Sequence[tuple[EmotionScore, ...]]]
"""The emotions of each text, surest first."""


def emotion_scorer(encoder: TextEncoder) -> ScoreEmotions:
    """Reads emotions off the shared encoder. Raises ArtifactError where it has no head for them."""
    head = encoder.head(EMOTIONS)

    def feel(texts: Sequence[str]) -> list[tuple[EmotionScore, ...]]:
        rows = head.probabilities(encoder.encode(texts).heads[EMOTIONS])
        return [
            tuple(
                EmotionScore(emotion=label, confidence=chance) for label, chance in head.above_threshold(row)
            )
            for row in rows
        ]

    return feel
