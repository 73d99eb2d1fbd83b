"""The labels of an insight: GoEmotions' 28 emotions, 18 feelings and 11 topics."""

from __future__ import annotations

from collections.abc import Sequence

NEUTRAL = "neutral"

# GoEmotions' own grouping (Demszky et al. 2020, figure 2; the others are ambiguous or neutral).
POSITIVE = frozenset(
    {
        "admiration",
        "amusement",
        "approval",
        "caring",
        "desire",
        "excitement",
        "gratitude",
        "joy",
        "love",
        "optimism",
        "pride",
        "relief",
    }
)
NEGATIVE = frozenset(
    {
        "anger",
        "annoyance",
        "disappointment",
        "disapproval",
        "disgust",
        "embarrassment",
        "fear",
        "grief",
        "nervousness",
        "remorse",
        "sadness",
    }
)
EMOTIONS = POSITIVE | NEGATIVE | {"confusion", "curiosity", NEUTRAL, "realization", "surprise"}
FEELINGS = frozenset(
    {
        "afraid",
        "angry",
        "anxious",
        "ashamed",
        "awkward",
        "bored",
        "calm",
        "confused",
        "disgusted",
        "excited",
        "frustrated",
        "happy",
        "jealous",
        "nostalgic",
        "proud",
        "sad",
        "satisfied",
        "surprised",
    }
)
TOPICS = frozenset(
    {
        "exercise",
        "family",
        "food",
        "friends",
        "god",
        "health",
        "love",
        "recreation",
        "school",
        "sleep",
        "work",
    }
)


def sentiment_of(emotions: Sequence[str]) -> float:
    """How positive these emotions are, -1 to 1: the share of positive minus that of negative ones."""
    if not emotions:
        return 0.0
    signs = ((emotion in POSITIVE) - (emotion in NEGATIVE) for emotion in emotions)
    return sum(signs) / len(emotions)
