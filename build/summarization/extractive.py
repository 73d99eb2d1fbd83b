"""Fits the extractive engine: how telling sentences are, and which words a summary has.

Sentences: ridge regression on the unigram and bigram F1 each has with its story's summary. Words: logistic
regression on whether the summary has them, on scores and priors of stories that those were not fitted to. How
scores and words are weighed, and how long summaries are, follows from the ROUGE of stories left out.
"""

from __future__ import annotations

import logging
import math
import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from itertools import pairwise, product
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression, Ridge

from build.data.summaries import Pair
from build.files import write_bytes, write_json
from build.summarization import rouge
from build.summarization.config import Extractive
from functions.shared.runtime.onnx import CONFIG
from functions.shared.text import sentences as splitter
from functions.shared.text.encoder import TextEncoder
from functions.shared.text.sentences import segments
from functions.summarization.engine import Text
from functions.summarization.extractive import (
    LEXICON,
    ExtractiveConfig,
    ExtractiveEngine,
    Lexicon,
    ScoredNote,
    choose,
)
from functions.summarization.features import NAMES, Note, encode_note
from functions.summarization.scoring import (
    SentenceWeights,
    WordWeights,
    columns,
    sentence_scores,
    word_chances,
    word_table,
)
from functions.summarization.words import FUNCTION, only_fillers, words

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]

_TINY = 1e-6
_INSIDE = re.compile(r"(?<=[a-z,] )[A-Za-z]{2,}\b(?!')")
"""Words before which a sentence goes on."""
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[.,;:!?]")
_DETERMINERS = frozenset({"the", "a", "an", "my", "our", "his", "her", "their", "your", "this", "that"})


class Story(NamedTuple):
    """A pair read: its sentences, and what its summary has of them."""

    pair: Pair
    note: Note
    columns: Floats
    targets: Floats
    """(n,): unigram and bigram F1 of each sentence with the summary, summed."""
    told: frozenset[str]
    """The summary's words."""
    weight: float


class Fitted(NamedTuple):
    """What was learned from some stories."""

    sentences: SentenceWeights
    words: WordWeights
    priors: dict[str, float]
    unknown: float

    def read(self, story: Story) -> ScoredNote:
        """A story as the engine reads it."""
        note, scores = story.note, sentence_scores(story.columns, self.sentences)
        chances = word_chances(note.words, scores, self.words, self.priors, self.unknown)
        return ScoredNote(list(range(len(note.texts))), note, scores, chances)


def stories(pairs: Sequence[Pair], encoder: TextEncoder, weights: Mapping[str, float]) -> list[Story]:
    """Read every pair with the encoder that ships."""
    found = []
    for count, pair in enumerate(pairs, start=1):
        texts = [text for text in splitter.split(pair.source) if not only_fillers(words(text))]
        if texts:
            note = encode_note(texts, encoder)
            told = frozenset(words(pair.summary))
            targets = _targets(texts, pair.summary)
            found.append(Story(pair, note, columns(note), targets, told, weights.get(pair.kind, 1.0)))
        if count % 500 == 0:
            log.info("read %d of %d stories", count, len(pairs))
    return found


def fit(found: Sequence[Story], settings: Extractive) -> Fitted:
    """Learn from all stories; what words are judged by is fitted to the other parts each time."""
    parts = _parts(found, settings.folds)
    rows, told, weights = [], [], []
    for part in range(settings.folds):
        others = [story for story, at in zip(found, parts, strict=True) if at != part]
        sentences = _fit_sentences(others, settings)
        priors, unknown = _priors(others, settings)
        for story in (story for story, at in zip(found, parts, strict=True) if at == part):
            scores = sentence_scores(story.columns, sentences)
            names, table_ = word_table(story.note.words, scores, priors, unknown)
            rows.append(table_)
            told += [name in story.told for name in names]
            weights += [story.weight] * len(names)
    word_weights = _fit_words(np.concatenate(rows), np.asarray(told), np.asarray(weights), settings)
    priors, unknown = _priors(found, settings)
    return Fitted(_fit_sentences(found, settings), word_weights, priors, unknown)


class Stranger(NamedTuple):
    """A story read with what other stories taught."""

    story: Story
    read: ScoredNote


def strangers(found: Sequence[Story], settings: Extractive) -> list[Stranger]:
    """Every story, each read with what the other parts taught."""
    parts = _parts(found, settings.folds)
    made = []
    for part in range(settings.folds):
        fitted = fit([story for story, at in zip(found, parts, strict=True) if at != part], settings)
        left_out = [story for story, at in zip(found, parts, strict=True) if at == part]
        made += [Stranger(story, fitted.read(story)) for story in left_out]
        log.info("read part %d of %d as strangers' stories", part + 1, settings.folds)
    return made


def guidance(found: Sequence[Stranger], made: ExtractiveConfig) -> dict[str, str]:
    """What the engine would quote of each story that it did not learn from, by its id."""
    return {each.story.pair.id: _extract(each.read, made) for each in found}


def tune(found: Sequence[Stranger], settings: Extractive, shipped: ExtractiveConfig) -> ExtractiveConfig:
    """Choose by ROUGE-1 of the recalled stories.

    Emotion weighs as much as it may without costing more than `emotion_costs`: people's summaries tell what
    happened, and a journal's also what was felt.
    """
    recalled = [each for each in found if each.story.pair.kind in ("", "recalled")]
    judged = Judged([(each.read, each.story.pair.summary) for each in recalled])
    grid = product(settings.score_weights, settings.sentence_words, settings.most_words)
    tried = [
        msgspec.structs.replace(shipped, score_weight=w, sentence_words=wanted, max_sentence_words=most)
        for w, wanted, most in grid
    ]
    best = max(tried, key=judged.rouge1)
    least = judged.rouge1(best) - settings.emotion_costs
    felt = [msgspec.structs.replace(best, emotion_weight=weight) for weight in settings.emotion_weights]
    return max((each for each in felt if judged.rouge1(each) >= least), key=lambda each: each.emotion_weight)


class Judged:
    """Stories that were not learned from."""

    def __init__(self, reads: Sequence[tuple[ScoredNote, str]]) -> None:
        self._reads = reads

    def rouge1(self, tried: ExtractiveConfig) -> float:
        """Of what the engine would quote."""
        made = [_extract(each, tried) for each, _ in self._reads]
        means = rouge.score([summary for _, summary in self._reads], made).mean(axis=0)
        log.info(
            "score %.2f, emotion %.2f, words %d, most %d: ROUGE %s",
            *(tried.score_weight, tried.emotion_weight, tried.sentence_words, tried.max_sentence_words),
            np.round(means, 2),
        )
        return float(means[0])


def config(name: str, version: str, fitted: Fitted, settings: Extractive) -> ExtractiveConfig:
    """The artifact's configuration, before it is tuned."""
    return ExtractiveConfig(
        name=name,
        version=version,
        max_sentences=3,
        sentence_words=settings.sentence_words[0],
        max_sentence_words=settings.most_words[0],
        short_note_words=settings.short_note_words,
        score_weight=settings.score_weights[0],
        emotion_weight=0.0,
        unknown_word=fitted.unknown,
        sentences=fitted.sentences,
        words=fitted.words,
    )


def names(texts: Sequence[str], settings: Extractive) -> frozenset[str]:
    """Words that inside a sentence nearly always begin with a capital."""
    capital: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for text in texts:
        for word in set(_INSIDE.findall(text)):
            (capital if word[0].isupper() else small)[word.lower()] += 1
    often = (word for word, count in capital.items() if count >= settings.name_texts)
    return frozenset(w for w in often if capital[w] >= settings.name_share * (capital[w] + small[w])) - {"i"}


def nouns(texts: Sequence[str], settings: Extractive) -> frozenset[str]:
    """Words that often stand behind an article or possessive, and before nothing that they could describe."""
    there: Counter[str] = Counter()
    heads: Counter[str] = Counter()
    for text in texts:
        kinds = [found[0].lower() for found in _TOKEN.finditer(text)]
        for before, word, after in zip(kinds, kinds[1:], [*kinds[2:], "."], strict=False):
            there[word] += 1
            heads[word] += before in _DETERMINERS and (after in FUNCTION or not after[0].isalnum())
    often = (word for word, count in there.items() if count >= settings.noun_texts and word.isalpha())
    return frozenset(word for word in often if heads[word] >= settings.noun_share * there[word]) - FUNCTION


def write(
    folder: Path, made: ExtractiveConfig, fitted: Fitted, texts: Sequence[str], how: Extractive
) -> None:
    """Write the artifact's files; `texts` tell which words are names and nouns."""
    write_json(folder / CONFIG, made)
    lexicon = Lexicon(priors=fitted.priors, names=names(texts, how), nouns=nouns(texts, how))
    write_bytes(folder / LEXICON, msgspec.json.encode(lexicon, order="deterministic") + b"\n")


def _extract(read_: ScoredNote, made: ExtractiveConfig) -> str:
    chosen = choose([read_], made, made.max_sentences)
    return " ".join(read_.note.texts[row] for _, row in chosen)


def _targets(texts: Sequence[str], summary: str) -> Floats:
    wanted = rouge.tokens(summary)
    made = []
    for text in texts:
        own = rouge.tokens(text)
        made.append(_f1(Counter(own), Counter(wanted)) + _f1(_bigrams(own), _bigrams(wanted)))
    return np.asarray(made, dtype=np.float32)


def _bigrams(tokens: Sequence[str]) -> Counter[Any]:
    return Counter(pairwise(tokens))


def _f1(one: Counter[Any], other: Counter[Any]) -> float:
    return 2.0 * (one & other).total() / max(1, one.total() + other.total())


def _parts(found: Sequence[Story], count: int) -> list[int]:
    """Which part each story is in; stories of one day are in the same."""
    groups = sorted({story.pair.group or story.pair.id for story in found})
    random = np.random.default_rng(len(groups))
    part = dict(zip(groups, (random.permutation(len(groups)) % count).tolist(), strict=True))
    return [part[story.pair.group or story.pair.id] for story in found]


def _fit_sentences(found: Sequence[Story], settings: Extractive) -> SentenceWeights:
    """Weights of the columns as they are: their scales are folded in, and what all share left out."""
    rows = np.concatenate([story.columns for story in found])
    targets = np.concatenate([story.targets for story in found])
    weights = np.concatenate([np.full(len(story.targets), story.weight) for story in found])
    scale = _scale(rows)
    scale[len(NAMES) + found[0].note.emotions.shape[1] :] /= settings.embedding_scale
    model = Ridge(alpha=settings.ridge).fit(
        (rows - rows.mean(axis=0)) / scale, targets, sample_weight=weights
    )
    known = (model.coef_ / scale / targets.std()).round(5).tolist()
    emotions = len(NAMES) + found[0].note.emotions.shape[1]
    return SentenceWeights(
        features=dict(zip(NAMES, known[: len(NAMES)], strict=True)),
        emotions=tuple(known[len(NAMES) : emotions]),
        embedding=tuple(known[emotions:]),
    )


def _priors(found: Sequence[Story], settings: Extractive) -> tuple[dict[str, float], float]:
    """Log-odds that a summary has a word its story has, shrunk towards those of all words."""
    there: Counter[str] = Counter()
    told: Counter[str] = Counter()
    for story in found:
        for word in {word for sentence in story.note.words for word in sentence}:
            there[word] += story.weight  # type: ignore[assignment]
            told[word] += story.weight * (word in story.told)  # type: ignore[assignment]
    overall = sum(told.values()) / sum(there.values())
    strength = settings.prior_stories
    chances = {
        word: (told[word] + strength * overall) / (count + strength)
        for word, count in there.items()
        if count >= settings.rarest
    }
    odds = {word: round(_log_odds(chance), 3) for word, chance in sorted(chances.items())}
    return odds, round(_log_odds(overall), 3)


def _scale(rows: Floats) -> Floats:
    """Standard deviation of each column; 1 where it never varies, and so tells nothing."""
    found: Floats = rows.std(axis=0)
    return np.where(found < _TINY, np.float32(1.0), found)


def _log_odds(chance: float) -> float:
    return math.log(chance / (1.0 - chance))


def _fit_words(
    rows: Floats, told: npt.NDArray[np.bool_], weights: npt.NDArray[np.float64], settings: Extractive
) -> WordWeights:
    columns = rows[:, 1:]
    mean, scale = columns.mean(axis=0), _scale(columns)
    model = LogisticRegression(C=settings.strength, max_iter=1000)
    model.fit((columns - mean) / scale, told, sample_weight=weights)
    known = model.coef_[0] / scale
    constant = float(model.intercept_[0] - known @ mean)
    names = WordWeights.__struct_fields__
    return WordWeights(**dict(zip(names, np.round([constant, *known], 5).tolist(), strict=True)))


def quoted(pairs: Sequence[Pair], engine: ExtractiveEngine, known: Container[str]) -> dict[str, str]:
    """What an engine quotes of texts it has not learned from, by id, where that is not known."""
    return {
        pair.id: " ".join(quote.text for quote in engine.summarize([Text(segments(pair.source))]).quotes)
        for pair in pairs
        if pair.id not in known
    }
