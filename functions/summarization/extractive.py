"""The extractive engine: entries in a few of their own sentences, so that it cannot invent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, Self

import msgspec
from msgspec import Meta

from functions.shared.domain.content import EmotionScore
from functions.shared.domain.insight import Quote, Summary
from functions.shared.domain.stage_work import ReportProgress, no_progress
from functions.shared.errors import ArtifactError
from functions.shared.runtime.onnx import read_config, require
from functions.shared.runtime.settings import Style
from functions.shared.text.encoder import TextEncoder, load_encoder
from functions.summarization.disfluencies import remove_disfluencies
from functions.summarization.engine import Text
from functions.summarization.features import EMOTIONS, Note, encode_note
from functions.summarization.scoring import (
    SentenceWeights,
    WordWeights,
    columns,
    sentence_scores,
    word_chances,
)
from functions.summarization.selection import SelectionLimits, SentenceSelector
from functions.summarization.title import title
from functions.summarization.words import only_fillers, words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

LEXICON = "words.json"

Positive = Annotated[int, Meta(ge=1)]


class ExtractiveConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The engine's `config.json`; all lengths count words.

    Attributes:
        max_sentences: unless the caller says otherwise.
        sentence_words: how many words a sentence adds to what a summary is expected to have.
        max_sentence_words: how many it adds to the most that may be chosen; a single sentence may be longer.
        short_note_words: entries up to this long are their own summary.
        score_weight: how much sentences' scores count beside the words they have.
        emotion_weight: how much a sentence's score gains where it expresses emotion.
        unknown_word: log-odds of a word that `words.json` does not know.
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
    """What is known of words, in lower case.

    Attributes:
        priors: log-odds that a summary has a word its note has.
        names: words that are names wherever they stand.
        nouns: words that as a rule name a thing.
    """

    priors: dict[str, float]
    names: frozenset[str]
    nouns: frozenset[str]


class ScoredNote(NamedTuple):
    """One entry, read.

    Attributes:
        rows: which of its segments may be quoted, in their order.
        note: those segments.
        scores: (rows,), how telling each is.
        chances: of each word, how likely a summary has it.
    """

    rows: list[int]
    note: Note
    scores: Floats
    chances: dict[str, float]


class ExtractiveEngine:
    """Chooses the sentences whose words a summary would most likely have. Implements Engine."""

    style = Style.EXTRACT

    def __init__(self, config: ExtractiveConfig, lexicon: Lexicon, encoder: TextEncoder) -> None:
        """Raises ArtifactError when the weights are not for this encoder."""
        self._config = config
        self._lexicon = lexicon
        self._encoder = encoder
        _check(config, encoder)

    @classmethod
    def load(cls, folder: Path, encoder_folder: Path, threads: int = 1) -> Self:
        """Raises ArtifactError when a file is missing or does not fit."""
        config = read_config(folder, ExtractiveConfig)
        try:
            lexicon = msgspec.json.decode(require(folder / LEXICON).read_bytes(), type=Lexicon)
        except msgspec.MsgspecError as error:
            raise ArtifactError(f"{folder.name}/{LEXICON}: {error}") from error
        return cls(config, lexicon, load_encoder(encoder_folder, threads))

    @property
    def names(self) -> frozenset[str]:
        """Words that are names wherever they stand."""
        return self._lexicon.names

    @property
    def name(self) -> str:
        return self._config.name

    @property
    def version(self) -> str:
        return self._config.version

    @property
    def max_sentences(self) -> int:
        """Unless the caller says otherwise."""
        return self._config.max_sentences

    def summarize(
        self,
        texts: Sequence[Text],
        *,
        max_sentences: int | None = None,
        progress: ReportProgress = no_progress,
    ) -> Summary:
        found = []
        for done, text in enumerate(texts):
            found.append(self.read(text))
            progress((done + 1) / len(texts))
        return self.compose(texts, found, max_sentences or self.max_sentences)

    def compose(self, texts: Sequence[Text], found: Sequence[ScoredNote], limit: int) -> Summary:
        """The summary of entries that were read."""
        chosen = choose(found, self._config, limit)
        quotes = self.quotes(texts, found, chosen)
        telling = sorted(chosen, key=lambda each: -float(found[each[0]].scores[each[1]]))
        return Summary(
            text=" ".join(remove_disfluencies(quote.text) for quote in quotes),
            engine=self.name,
            style=self.style,
            title=self._title(found, telling),
            quotes=quotes,
        )

    def quotes(
        self, texts: Sequence[Text], found: Sequence[ScoredNote], chosen: Sequence[tuple[int, int]]
    ) -> tuple[Quote, ...]:
        """Sentences with their times and emotions, by numbers of the entry and of its row."""
        return tuple(self._quote(texts, found, at, row) for at, row in chosen)

    def is_own_summary(self, found: Sequence[ScoredNote], limit: int) -> bool:
        """Whether entries are too short to be made shorter."""
        return is_own_summary(found, self._config, limit)

    def read(self, text: Text) -> ScoredNote:
        """What can be quoted of an entry; segments of fillers alone only where there is nothing else."""
        spoken = [words(segment.text) for segment in text.segments]
        telling = [index for index, sentence in enumerate(spoken) if not only_fillers(sentence)]
        rows = telling or list(range(len(spoken)))
        note = encode_note([text.segments[row].text for row in rows], self._encoder)
        scores = sentence_scores(columns(note), self._config.sentences)
        chances = word_chances(
            note.words, scores, self._config.words, self._lexicon.priors, self._config.unknown_word
        )
        return ScoredNote(rows, note, scores, chances)

    def _title(self, found: Sequence[ScoredNote], telling: Sequence[tuple[int, int]]) -> str:
        counts = Counter(word for each in found for sentence in each.note.words for word in sentence)
        texts = [found[at].note.texts[row] for at, row in telling]
        return title(texts, merge_word_chances(found), counts, self._lexicon.nouns)

    def _quote(self, texts: Sequence[Text], found: Sequence[ScoredNote], at: int, row: int) -> Quote:
        index = found[at].rows[row]
        segment = texts[at].segments[index]
        return Quote(
            text=segment.text,
            segment=index,
            start=segment.start,
            end=segment.end,
            emotions=self._emotions(texts[at], index, found[at].note.emotions[row]),
            entry=at if len(texts) > 1 else None,
        )

    def _emotions(self, text: Text, index: int, row: Floats) -> tuple[EmotionScore, ...]:
        """What the emotion stage found, where it ran; the same model's own word where not."""
        if text.arc is not None and index < len(text.arc.points):
            return text.arc.points[index].emotions
        passed = self._encoder.head(EMOTIONS).above_threshold(row)
        return tuple(EmotionScore(emotion=label, confidence=chance) for label, chance in passed)


def is_own_summary(found: Sequence[ScoredNote], config: ExtractiveConfig, sentences: int) -> bool:
    """Whether entries have no more sentences than asked for, and few words."""
    lengths = [len(sentence) for each in found for sentence in each.note.words]
    return len(lengths) == 1 or (len(lengths) <= sentences and sum(lengths) <= config.short_note_words)


def choose(found: Sequence[ScoredNote], config: ExtractiveConfig, sentences: int) -> list[tuple[int, int]]:
    """Which of at most `sentences` to quote, in their order: numbers of the entry and of its row.

    No entry of several gives more than its share, and one more.
    """
    pool = [(at, row) for at, each in enumerate(found) for row in range(len(each.rows))]
    spoken = [found[at].note.words[row] for at, row in pool]
    if is_own_summary(found, config, sentences):
        return pool
    limits = SelectionLimits(
        sentences=sentences,
        words=config.max_sentence_words * sentences,
        wanted=config.sentence_words * sentences,
        a_group=sentences if len(found) == 1 else -(-sentences // len(found)) + 1,
    )
    felt = [each.note.intensity - each.note.intensity.mean() for each in found]
    scores = [float(found[at].scores[row] + config.emotion_weight * felt[at][row]) for at, row in pool]
    groups = [at for at, _ in pool]
    choice = SentenceSelector(spoken, scores, merge_word_chances(found), config.score_weight, groups)
    return [pool[row] for row in choice.best(limits)]


def merge_word_chances(found: Sequence[ScoredNote]) -> dict[str, float]:
    """Of each word, its highest chance in any of the entries."""
    chances: dict[str, float] = {}
    for each in found:
        for word, chance in each.chances.items():
            chances[word] = max(chance, chances.get(word, 0.0))
    return chances


def _check(config: ExtractiveConfig, encoder: TextEncoder) -> None:
    wanted = len(config.sentences.emotions), len(config.sentences.embedding)
    if wanted != (len(encoder.head(EMOTIONS).labels), encoder.config.embedding.dimensions):
        raise ArtifactError(f"{config.name} {config.version} was not made for {encoder.config.name}")
