"""The extractive engine: summarizes entries in a few of their own sentences, so it cannot invent facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from functions.shared.domain.content import EmotionScore
from functions.shared.domain.insight import Quote, Summary
from functions.shared.domain.stage_work import ReportProgress, no_progress
from functions.shared.errors import ArtifactError
from functions.shared.runtime.onnx import read_config
from functions.shared.runtime.settings import Style
from functions.shared.text.encoder import TextEncoder, load_encoder
from functions.shared.text.plain import plain
from functions.summarization.engine import Text
from functions.summarization.extracts.choice import choose, is_own_summary
from functions.summarization.extracts.config import ExtractiveConfig, Lexicon, read_lexicon
from functions.summarization.extracts.core import LEAST_SHARE, best_first, value, without_silly
from functions.summarization.extracts.features import EMOTIONS, encode_note
from functions.summarization.extracts.notes import Position, ScoredNote, reading_of
from functions.summarization.extracts.quoting import whole, without_empty_edges
from functions.summarization.extracts.scoring import columns, sentence_scores, word_chances
from functions.summarization.titles.title import CoreSentence, make_title
from functions.summarization.wording.disfluencies import remove_disfluencies
from functions.summarization.wording.words import only_fillers, words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]


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
        return cls(config, read_lexicon(folder), load_encoder(encoder_folder, threads))

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
        return ScoredNote(rows, note, scores, chances, reading_of(text.arc, rows))

    def _title(self, notes: Sequence[ScoredNote], chosen: Sequence[Position]) -> str | None:
        if self._lexicon.titles is None:
            return None
        sentences = [_core_sentence(notes[entry], row) for entry, row in _titled(notes, chosen)]
        counts = Counter(word for scored in notes for sentence in scored.note.words for word in sentence)
        return make_title(sentences, counts, self._lexicon.nouns, self._lexicon.titles)

    def _quote(self, texts: Sequence[Text], notes: Sequence[ScoredNote], entry: int, row: int) -> Quote:
        scored = notes[entry]
        index = scored.rows[row]
        segment = texts[entry].segments[index]
        part = whole(segment) if scored.reading is None else without_empty_edges(segment)
        return Quote(
            text=part.text,
            segment=index,
            start=part.start,
            end=part.end,
            emotions=self._emotions(texts[entry], index, scored.note.emotions[row]),
            entry=entry if len(texts) > 1 else None,
        )

    def _emotions(self, text: Text, index: int, row: Floats) -> tuple[EmotionScore, ...]:
        """The emotion stage's scores, or if it did not run, those of the same model."""
        if text.arc is not None and index < len(text.arc.points):
            return text.arc.points[index].emotions
        passed = self._encoder.head(EMOTIONS).above_threshold(row)
        return tuple(EmotionScore(emotion=label, confidence=probability) for label, probability in passed)


def _titled(notes: Sequence[ScoredNote], chosen: Sequence[Position]) -> list[Position]:
    """The sentences that a title may be from, the best first: the core, or the quoted if it is unknown."""
    if any(scored.reading is None for scored in notes):
        return sorted(chosen, key=lambda position: -float(notes[position[0]].scores[position[1]]))
    pool = [(entry, row) for entry, scored in enumerate(notes) for row in range(len(scored.rows))]
    ranked = best_first(notes, without_silly(notes, pool))
    least = LEAST_SHARE * value(notes, ranked[0])
    return [position for position in ranked if value(notes, position) >= least]


def _core_sentence(scored: ScoredNote, row: int) -> CoreSentence:
    return CoreSentence(scored.note.texts[row], row / max(1, len(scored.rows) - 1))
