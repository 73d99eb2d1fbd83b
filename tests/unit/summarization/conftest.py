"""An extractive engine with the tiny encoder and weights that a test sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from functions.shared.domain.content import Arc, ArcPoint, Segment
from functions.shared.text.encoder import load_encoder
from functions.summarization.engine import Text
from functions.summarization.extracts.config import ExtractiveConfig, Lexicon
from functions.summarization.extracts.engine import ExtractiveEngine
from functions.summarization.extracts.features import NAMES
from functions.summarization.extracts.scoring import SentenceWeights, WordWeights
from functions.summarization.titles.title import TitleWeights

MakeEngine = Callable[..., ExtractiveEngine]

NO_WORDS = WordWeights(
    constant=-9.0, prior=0, count=0, sentences=0, opening=0, place=0, function=0, function_count=0, note=0,
    score=0,
)  # fmt: skip
LEXICON = Lexicon(
    priors={},
    names=frozenset({"maria"}),
    nouns=frozenset({"train", "table", "rain"}),
    titles=TitleWeights(constant=0.0, least=0.5, features={}),
)


def weights(**features: float) -> SentenceWeights:
    """Sentence weights: zero except for the given features."""
    values = {name: features.get(name, 0.0) for name in NAMES}
    return SentenceWeights(features=values, emotions=(0.0,) * 3, embedding=(0.0,) * 5)


@pytest.fixture
def make_engine(tiny_encoder: Path) -> MakeEngine:
    """Makes an engine; keywords are fields of its configuration, or weights of features."""

    def make(lexicon: Lexicon = LEXICON, **settings: object) -> ExtractiveEngine:
        features = {name: settings.pop(name) for name in NAMES if name in settings}
        values = {
            "name": "extractive-test", "version": "0.0.1", "max_sentences": 3, "sentence_words": 10,
            "max_sentence_words": 20, "short_note_words": 12, "score_weight": 1.0, "emotion_weight": 0.0,
            "unknown_word": -2.0, "sentences": weights(**features), "words": NO_WORDS,  # type: ignore[arg-type]
        }  # fmt: skip
        config = ExtractiveConfig(**{**values, **settings})  # type: ignore[arg-type]
        return ExtractiveEngine(config, lexicon, load_encoder(tiny_encoder))

    return make


def read(text: Text, core: Sequence[float], avoid: Sequence[float] | None = None) -> Text:
    """An entry as a journal reader has scored it; by default, no sentence is one to avoid."""
    points = (
        ArcPoint(segment=index, emotions=(), sentiment=0.0, core=likely, avoid=silly)
        for index, (likely, silly) in enumerate(zip(core, avoid or [0.0] * len(core), strict=True))
    )
    return Text(text.segments, Arc(points=tuple(points)))


def note(*texts: str) -> Text:
    """An entry whose sentences take a second each."""
    return Text([Segment(text=text, start=float(index), end=index + 1.0) for index, text in enumerate(texts)])
