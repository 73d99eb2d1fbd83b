"""The abstractive engine: summarizes entries in new words, or by extracts if those are not faithful."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

import msgspec

from functions.shared.domain.content import Segment
from functions.shared.domain.insight import FallbackReason, Summary
from functions.shared.domain.stage_work import ReportProgress, no_progress
from functions.shared.runtime.settings import Style
from functions.shared.text import sentences as splitter
from functions.shared.text.plain import plain
from functions.summarization.abstracts.beam_search import NextTokenModel, search_n_best, stream
from functions.summarization.abstracts.chunking import chunk_sentences
from functions.summarization.abstracts.faithfulness import find_unfaithful, stem
from functions.summarization.abstracts.seq2seq import Seq2Seq
from functions.summarization.abstracts.word_bias import with_word_bias
from functions.summarization.engine import Text
from functions.summarization.extracts.engine import ExtractiveEngine
from functions.summarization.extracts.notes import Position, ScoredNote, merge_word_chances
from functions.summarization.wording.truecasing import truecase
from functions.summarization.wording.words import FUNCTION, words

_WORDS_PER_SENTENCE = 12
"""The expected length of a summary, per sentence asked for."""


class Guidance(NamedTuple):
    """The extractive engine's view of a source: its quotes, and each word's probability in a summary."""

    quotes: Sequence[str]
    chances: Mapping[str, float]


class AbstractiveEngine:
    """Writes a summary, checks it against its source, and falls back to extracts. Implements Engine."""

    style = Style.ABSTRACT

    def __init__(self, model: Seq2Seq, extractive: ExtractiveEngine) -> None:
        self._model = model
        self._extractive = extractive

    @classmethod
    def load(cls, folder: Path, extractive: ExtractiveEngine, threads: int = 1) -> Self:
        """Raises ArtifactError if a file is missing or incompatible."""
        return cls(Seq2Seq.load(folder, threads), extractive)

    @property
    def name(self) -> str:
        return self._model.config.name

    @property
    def version(self) -> str:
        return self._model.config.version

    def summarize(
        self,
        texts: Sequence[Text],
        *,
        max_sentences: int | None = None,
        progress: ReportProgress = no_progress,
    ) -> Summary:
        """The best draft that is faithful to the entries; if there is none, extracts with the reason.

        Entries that are short enough to be their own summary are returned as they are.
        """
        limit = max_sentences or self._extractive.max_sentences
        notes = [self._extractive.score(text) for text in texts]
        extract = self._extractive.compose(texts, notes, limit)
        if self._extractive.is_own_summary(notes, limit):
            return extract
        lines = [plain(segment.text) for text in texts for segment in text.segments]
        guidance = Guidance([quote.text for quote in extract.quotes], merge_word_chances(notes))
        drafts = self.drafts(lines, limit, progress, guidance)
        source = "\n".join(lines)
        reasons = [self._refusal(source, draft) for draft in drafts]
        if None not in reasons:
            return msgspec.structs.replace(extract, fallback_reason=reasons[0])
        draft = drafts[reasons.index(None)]
        return Summary(
            text=draft,
            engine=self.name,
            style=self.style,
            title=extract.title,
            quotes=self._extractive.quotes(texts, notes, _supporting(notes, splitter.split(draft))),
        )

    def drafts(
        self,
        lines: Sequence[str],
        limit: int,
        progress: ReportProgress = no_progress,
        guidance: Guidance | None = None,
    ) -> list[str]:
        """Summaries of at most `limit` sentences, unchecked, the best first.

        A source longer than the model's input is summarized chunk by chunk, and those summaries again.
        """
        while True:
            chunks = self._chunks(lines)
            if len(chunks) == 1:
                break
            summaries = []
            for chunk in chunks:
                summaries.append(self._drafts(chunk, limit)[0])
                progress(len(summaries) / (len(chunks) + 1))
            shorter = [sentence for summary in summaries for sentence in splitter.split(summary)]
            if not shorter or self._size(shorter) >= self._size(lines):
                return [" ".join(shorter[:limit])]
            lines, guidance = shorter, None
        drafts = self._drafts(lines, limit, guidance)
        return [" ".join(splitter.split(draft)[:limit]) for draft in drafts]

    def stream(self, lines: Sequence[str], limit: int) -> Iterator[str]:
        """The growing draft of a source that fits the model's input: greedy search, unchecked."""
        config = self._model.config
        opening = config.opening_for(limit * _WORDS_PER_SENTENCE)
        tokens: list[int] = []
        decoder = self._decoder(lines, self._guidance(lines, limit))
        for token in stream(decoder, opening, config.end, config.search, config.banned):
            tokens.append(token)
            yield self._text(tokens, lines)

    def _drafts(self, lines: Sequence[str], limit: int, guidance: Guidance | None = None) -> list[str]:
        config = self._model.config
        opening = config.opening_for(limit * _WORDS_PER_SENTENCE)
        decoder = self._decoder(lines, guidance or self._guidance(lines, limit))
        texts = search_n_best(decoder, opening, config.end, config.search, config.banned)
        return [self._text(tokens, lines) for tokens in texts]

    def _decoder(self, lines: Sequence[str], guidance: Guidance) -> NextTokenModel:
        """The model's decoder for a source, biased towards the words of a summary."""
        model = self._model
        decoder = model.read(model.source(lines, guidance.quotes))
        return with_word_bias(decoder, guidance.chances, model.tokenizer, model.config.worth)

    def _guidance(self, lines: Sequence[str], limit: int) -> Guidance:
        """The extractive engine's guidance for a source; empty if the model does not use it."""
        config = self._model.config
        if not config.guided and config.worth.weight == 0.0:
            return Guidance([], {})
        text = Text([Segment(text=line) for line in lines])
        note = self._extractive.score(text)
        quotes = self._extractive.compose([text], [note], limit).quotes
        return Guidance([quote.text for quote in quotes], note.chances)

    def _refusal(self, source: str, draft: str) -> FallbackReason | None:
        if not words(draft):
            return FallbackReason.NOTHING_WRITTEN
        return find_unfaithful(source, draft, self._extractive.names, self._model.config.least_supported)

    def _text(self, tokens: Sequence[int], lines: Sequence[str]) -> str:
        text: str = self._model.tokenizer.decode(list(tokens))
        return truecase(text, "\n".join(lines)) if self._model.config.family == "pointer" else text.strip()

    def _chunks(self, lines: Sequence[str]) -> list[Sequence[str]]:
        lengths = [length + 1 for length in self._model.token_counts(lines)]
        chunks = chunk_sentences(lengths, self._model.token_budget)
        return [[lines[index] for index in chunk] for chunk in chunks]

    def _size(self, lines: Sequence[str]) -> int:
        return sum(self._model.token_counts(lines))


def _supporting(notes: Sequence[ScoredNote], summary: Sequence[str]) -> list[Position]:
    """For each sentence of a summary, the sentence of the entries that best supports it, without repeats."""
    pool = [
        ((entry, row), _stems(" ".join(scored.note.words[row])))
        for entry, scored in enumerate(notes)
        for row in range(len(scored.rows))
    ]
    chosen = set()
    for sentence in summary:
        wanted = _stems(sentence)
        position, stems = max(pool, key=lambda item: len(wanted & item[1]) / (len(item[1]) + 4.0) ** 0.5)
        if wanted & stems:
            chosen.add(position)
    return sorted(chosen)


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words(text) if word not in FUNCTION)
