"""Writes the extractive engine's artifact: configuration, word priors, and lists of names and nouns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from build.files import write_bytes, write_json
from build.summarization.config import Extractive
from build.summarization.extractive.fitting import FittedExtractor
from functions.shared.runtime.onnx import CONFIG
from functions.summarization.extracts.config import LEXICON, ExtractiveConfig, Lexicon
from functions.summarization.wording.words import FUNCTION

_INSIDE = re.compile(r"(?<=[a-z,] )[A-Za-z]{2,}\b(?!')")
"""Words inside a sentence, not at its start."""
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[.,;:!?]")
_DETERMINERS = frozenset({"the", "a", "an", "my", "our", "his", "her", "their", "your", "this", "that"})


def write(
    folder: Path,
    config: ExtractiveConfig,
    fitted: FittedExtractor,
    texts: Sequence[str],
    settings: Extractive,
) -> None:
    """Write the artifact's files; names and nouns are collected from ``texts``."""
    write_json(folder / CONFIG, config)
    lexicon = Lexicon(priors=fitted.priors, names=names(texts, settings), nouns=nouns(texts, settings))
    write_lexicon(folder, lexicon)


def write_lexicon(folder: Path, lexicon: Lexicon) -> None:
    """Write the facts about words."""
    write_bytes(folder / LEXICON, msgspec.json.encode(lexicon, order="deterministic") + b"\n")


def names(texts: Sequence[str], settings: Extractive) -> frozenset[str]:
    """Words that are nearly always capitalized inside a sentence."""
    capitalized: Counter[str] = Counter()
    lower: Counter[str] = Counter()
    for text in texts:
        for word in set(_INSIDE.findall(text)):
            (capitalized if word[0].isupper() else lower)[word.lower()] += 1
    frequent = (word for word, count in capitalized.items() if count >= settings.min_name_texts)
    return frozenset(
        word
        for word in frequent
        if capitalized[word] >= settings.min_name_share * (capitalized[word] + lower[word])
    ) - {"i"}


def nouns(texts: Sequence[str], settings: Extractive) -> frozenset[str]:
    """Words that often follow an article or possessive and precede nothing that they could modify."""
    occurrences: Counter[str] = Counter()
    as_noun: Counter[str] = Counter()
    for text in texts:
        tokens = [match[0].lower() for match in _TOKEN.finditer(text)]
        for before, word, after in zip(tokens, tokens[1:], [*tokens[2:], "."], strict=False):
            occurrences[word] += 1
            as_noun[word] += before in _DETERMINERS and (after in FUNCTION or not after[0].isalnum())
    frequent = (
        word for word, count in occurrences.items() if count >= settings.min_noun_count and word.isalpha()
    )
    return (
        frozenset(word for word in frequent if as_noun[word] >= settings.min_noun_share * occurrences[word])
        - FUNCTION
    )
