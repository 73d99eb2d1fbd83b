"""The extractive engine's artifact: its configuration and its facts about words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from functions.shared.errors import ArtifactError
from functions.shared.runtime.onnx import require
from functions.summarization.extracts.scoring import SentenceWeights, WordWeights
from functions.summarization.titles.title import TitleWeights

LEXICON = "words.json"
Positive = Annotated[int, Meta(ge=1)]


class ExtractiveConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The engine's `config.json`; lengths are in words.

    Attributes:
        max_sentences: the default.
        sentence_words: expected length of a summary, per sentence.
        max_sentence_words: maximum length of a summary, per sentence; a single sentence may be longer.
        short_note_words: entries up to this long are their own summary.
        score_weight: weight of sentences' scores relative to their words.
        emotion_weight: added to a sentence's score, times the intensity of its emotion.
        unknown_word: log-odds of a word that is not in `words.json`.
    """

    name: str
    version: str
    max_sentences: Positive
    sentence_words: Positive
    max_sentence_words: Positive
    short_note_words: Positive
    score_weight: float
    emotion_weight: float
    unknown_word: float
    sentences: SentenceWeights
    words: WordWeights


class Lexicon(msgspec.Struct, frozen=True, kw_only=True):
    """The engine's `words.json`: facts about words, in lower case.

    Attributes:
        priors: log-odds that a summary has a word of its note.
        names: words that are always names.
        nouns: words that usually name a thing.
        titles: how phrases are scored as titles; without it, summaries have none.
    """

    priors: dict[str, float]
    names: frozenset[str]
    nouns: frozenset[str]
    titles: TitleWeights | None = None


def read_lexicon(folder: Path) -> Lexicon:
    """Raises ArtifactError if the file is missing or malformed."""
    try:
        return msgspec.json.decode(require(folder / LEXICON).read_bytes(), type=Lexicon)
    except msgspec.MsgspecError as error:
        raise ArtifactError(f"{folder.name}/{LEXICON}: {error}") from error
