"""The extractive engine: summarizes entries in a few of their own sentences, so it cannot invent facts."""

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
from functions.shared.text.plain import plain
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
from functions.summarization.title import make_title
from functions.summarization.words import only_fillers, words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

LEXICON = "words.json"
Positive = Annotated[int, Meta(ge=1)]
Position = tuple[int, int]  # the index of an entry, and of a row of its ScoredNote


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
    """Facts about words, in lower case.

    Attributes:
        priors: log-odds that a summary has a word of its note.
        names: words that are always names.
        nouns: words that usually name a thing.
    """

    priors: dict[str, float]
    names: frozenset[str]
    nouns: frozenset[str]


class ScoredNote(NamedTuple):
    """An entry with its sentences and words scored.

    Attributes:
        rows: the indices of the segments that may be quoted, in order.
        note: those segments.
        scores: (rows,), how informative each is.
        chances: the probability that a summary has each word.
    """

    rows: list[int]
    note: Note
    scores: Floats
    chances: dict[str, float]


class ExtractiveEngine:
    """Selects the sentences whose words a summary would most likely contain. Implements Engine."""

    style = Style.EXTRACT

    def __init__(self, config: ExtractiveConfig, lexicon: Lexicon, encoder: TextEncoder) -> None:
        """Raises ArtifactError if the weights are not for this encoder."""
        shape = len(config.sentences.emotions), len(config.sentences.embedding)
        if shape != (len(encoder.head(EMOTIONS).labels), encoder.config.embedding.dimensions):
            raise ArtifactError(f"{config.name} {config.version} was not made for {encoder.config.name}")
        self._config = config
        self._lexicon = lexicon
        self._encoder = encoder

    @classmethod
    def load(cls, folder: Path, encoder_folder: Path, threads: int = 1) -> Self:
        """Raises ArtifactError if a file is missing or incompatible."""
        config = read_config(folder, ExtractiveConfig)
        try:
            lexicon = msgspec.json.decode(require(folder / LEXICON).read_bytes(), type=Lexicon)
        except msgspec.MsgspecError as error:
            raise ArtifactError(f"{folder.name}/{LEXICON}: {error}") from error
        return cls(config, lexicon, load_encoder(encoder_folder, threads))

    @property
    def names(self) -> frozenset[str]:
        return self._lexicon.names

    @property
    def name(self) -> str:
        return self._config.name

    @property
    def version(self) -> str:
        return self._config.version

    @property
    def max_sentences(self) -> int:
        return self._config.max_sentences

    def summarize(
        self,
        texts: Sequence[Text],
        *,
        max_sentences: int | None = None,
        progress: ReportProgress = no_progress,
    ) -> Summary:
        notes = []
        for text in texts:
            notes.append(self.score(text))
            progress(len(notes) / len(texts))
        return self.compose(texts, notes, max_sentences or self.max_sentences)

    def compose(self, texts: Sequence[Text], notes: Sequence[ScoredNote], limit: int) -> Summary:
        """The summary of scored entries."""
        chosen = choose(notes, self._config, limit)
        quotes = self.quotes(texts, notes, chosen)
        return Summary(
            text=" ".join(remove_disfluencies(plain(quote.text)) for quote in quotes),
            engine=self.name,
            style=self.style,
            title=self._title(notes, chosen),
            quotes=quotes,
        )

    def quotes(
        self, texts: Sequence[Text], notes: Sequence[ScoredNote], chosen: Sequence[Position]
    ) -> tuple[Quote, ...]:
        """The chosen sentences with their times and emotions."""
        return tuple(self._quote(texts, notes, entry, row) for entry, row in chosen)

    def is_own_summary(self, notes: Sequence[ScoredNote], limit: int) -> bool:
        """Whether the entries are too short to be summarized."""
        return is_own_summary(notes, self._config, limit)

    def score(self, text: Text) -> ScoredNote:
        """Score an entry; segments of fillers alone may be quoted only if there are no others."""
        sentences = [plain(segment.text) for segment in text.segments]
        spoken = [words(sentence) for sentence in sentences]
        with_content = [index for index, sentence in enumerate(spoken) if not only_fillers(sentence)]
        rows = with_content or list(range(len(spoken)))
        note = encode_note([sentences[row] for row in rows], self._encoder)
        scores = sentence_scores(columns(note), self._config.sentences)
        chances = word_chances(
            note.words, scores, self._config.words, self._lexicon.priors, self._config.unknown_word
        )
        return ScoredNote(rows, note, scores, chances)

    def _title(self, notes: Sequence[ScoredNote], chosen: Sequence[Position]) -> str:
        best_first = sorted(chosen, key=lambda position: -float(notes[position[0]].scores[position[1]]))
        texts = [notes[entry].note.texts[row] for entry, row in best_first]
        counts = Counter(word for scored in notes for sentence in scored.note.words for word in sentence)
        return make_title(texts, merge_word_chances(notes), counts, self._lexicon.nouns)

    def _quote(self, texts: Sequence[Text], notes: Sequence[ScoredNote], entry: int, row: int) -> Quote:
        index = notes[entry].rows[row]
        segment = texts[entry].segments[index]
        return Quote(
            text=segment.text,
            segment=index,
            start=segment.start,
            end=segment.end,
            emotions=self._emotions(texts[entry], index, notes[entry].note.emotions[row]),
            entry=entry if len(texts) > 1 else None,
        )

    def _emotions(self, text: Text, index: int, row: Floats) -> tuple[EmotionScore, ...]:
        """The emotion stage's scores, or if it did not run, those of the same model."""
        if text.arc is not None and index < len(text.arc.points):
            return text.arc.points[index].emotions
        passed = self._encoder.head(EMOTIONS).above_threshold(row)
        return tuple(EmotionScore(emotion=label, confidence=probability) for label, probability in passed)


def is_own_summary(notes: Sequence[ScoredNote], config: ExtractiveConfig, sentences: int) -> bool:
    """Whether the entries have no more sentences than asked for, and few words."""
    lengths = [len(sentence) for scored in notes for sentence in scored.note.words]
    return len(lengths) == 1 or (len(lengths) <= sentences and sum(lengths) <= config.short_note_words)


def choose(notes: Sequence[ScoredNote], config: ExtractiveConfig, sentences: int) -> list[Position]:
    """The sentences to quote, at most `sentences`, in order.

    Of several entries, none contributes more than its share plus one.
    """
    pool = [(entry, row) for entry, scored in enumerate(notes) for row in range(len(scored.rows))]
    if is_own_summary(notes, config, sentences):
        return pool
    limits = SelectionLimits(
        sentences=sentences,
        words=config.max_sentence_words * sentences,
        expected_words=config.sentence_words * sentences,
        per_group=sentences if len(notes) == 1 else -(-sentences // len(notes)) + 1,
    )
    spoken = [notes[entry].note.words[row] for entry, row in pool]
    intensity = [scored.note.intensity - scored.note.intensity.mean() for scored in notes]
    scores = [
        float(notes[entry].scores[row] + config.emotion_weight * intensity[entry][row]) for entry, row in pool
    ]
    chances, groups = merge_word_chances(notes), [entry for entry, _ in pool]
    selector = SentenceSelector(spoken, scores, chances, config.score_weight, groups)
    return [pool[row] for row in selector.select(limits)]


def merge_word_chances(notes: Sequence[ScoredNote]) -> dict[str, float]:
    """The highest probability of each word in any of the entries."""
    merged: dict[str, float] = {}
    for scored in notes:
        for word, chance in scored.chances.items():
            merged[word] = max(chance, merged.get(word, 0.0))
    return merged
