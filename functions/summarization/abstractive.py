"""The abstractive engine: entries in new words, or in extracts where the new words cannot be trusted."""

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
from functions.summarization.beam_search import NextTokenModel, search_n_best, stream
from functions.summarization.chunking import chunk_sentences
from functions.summarization.engine import Text
from functions.summarization.extractive import ExtractiveEngine, ScoredNote, merge_word_chances
from functions.summarization.faithfulness import find_unfaithful, stem
from functions.summarization.seq2seq import Seq2Seq
from functions.summarization.truecasing import truecase
from functions.summarization.word_bias import with_word_bias
from functions.summarization.words import FUNCTION, words

_SENTENCE_WORDS = 12
"""How many words a sentence asked for adds to how long a summary is to be."""


class Guidance(NamedTuple):
    """What the extractive engine knows of a source: what to quote; each word's chance to be in a summary."""

    guide: Sequence[str]
    chances: Mapping[str, float]


class AbstractiveEngine:
    """Writes a summary, checks it against its source, and falls back to extracts. Implements Engine."""

    style = Style.ABSTRACT

    def __init__(self, model: Seq2Seq, extractive: ExtractiveEngine) -> None:
        self._model = model
        self._extractive = extractive

    @classmethod
    def load(cls, folder: Path, extractive: ExtractiveEngine, threads: int = 1) -> Self:
        """Raises ArtifactError when a file is missing or does not fit."""
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
        """The best draft that says only what is in the entries; extracts, with the reason, where none does.

        What is short enough to be its own summary is returned as it is.
        """
        limit = max_sentences or self._extractive.max_sentences
        found = [self._extractive.read(text) for text in texts]
        extract = self._extractive.compose(texts, found, limit)
        if self._extractive.is_own_summary(found, limit):
            return extract
        lines = [segment.text for text in texts for segment in text.segments]
        hints = Guidance([quote.text for quote in extract.quotes], merge_word_chances(found))
        drafts = self.drafts(lines, limit, progress, hints)
        source = "\n".join(lines)
        reasons = [self._why_not(source, draft) for draft in drafts]
        if None not in reasons:
            return msgspec.structs.replace(extract, fallback_reason=reasons[0])
        written = drafts[reasons.index(None)]
        return Summary(
            text=written,
            engine=self.name,
            style=self.style,
            title=extract.title,
            quotes=self._extractive.quotes(texts, found, _support(found, splitter.split(written))),
        )

    def drafts(
        self,
        lines: Sequence[str],
        limit: int,
        progress: ReportProgress = no_progress,
        hints: Guidance | None = None,
    ) -> list[str]:
        """Summaries of at most `limit` sentences, unchecked, the best first.

        Sources longer than the model reads are written about in sections, and then about what was written.
        """
        while True:
            parts = self._sections(lines)
            if len(parts) == 1:
                break
            written = []
            for done, part in enumerate(parts):
                written.append(self._drafts(part, limit)[0])
                progress((done + 1) / (len(parts) + 1))
            shorter = [sentence for draft in written for sentence in splitter.split(draft)]
            if not shorter or self._size(shorter) >= self._size(lines):
                return [" ".join(shorter[:limit])]
            lines, hints = shorter, None
        drafts = self._drafts(lines, limit, hints)
        return [" ".join(splitter.split(draft)[:limit]) for draft in drafts]

    def stream(self, lines: Sequence[str], limit: int) -> Iterator[str]:
        """The growing draft of a source that is read at once: the likeliest token each time, unchecked."""
        config = self._model.config
        opening = config.opening_for(limit * _SENTENCE_WORDS)
        tokens: list[int] = []
        writer = self._read(lines, self._hints(lines, limit))
        for token in stream(writer, opening, config.end, config.search, config.banned):
            tokens.append(token)
            yield self._text(tokens, lines)

    def _drafts(self, lines: Sequence[str], limit: int, hints: Guidance | None = None) -> list[str]:
        config = self._model.config
        opening = config.opening_for(limit * _SENTENCE_WORDS)
        writer = self._read(lines, hints or self._hints(lines, limit))
        found = search_n_best(writer, opening, config.end, config.search, config.banned)
        return [self._text(tokens, lines) for tokens in found]

    def _read(self, lines: Sequence[str], hints: Guidance) -> NextTokenModel:
        model = self._model
        writer = model.read(model.source(lines, hints.guide))
        return with_word_bias(writer, hints.chances, model.tokenizer, model.config.worth)

    def _hints(self, lines: Sequence[str], limit: int) -> Guidance:
        """What is known of a source by reading it as the extractive engine does, where the model wants it."""
        config = self._model.config
        if not config.guided and config.worth.weight == 0.0:
            return Guidance([], {})
        text = Text([Segment(text=line) for line in lines])
        found = self._extractive.read(text)
        quotes = self._extractive.compose([text], [found], limit).quotes
        return Guidance([quote.text for quote in quotes], found.chances)

    def _why_not(self, source: str, written: str) -> FallbackReason | None:
        if not words(written):
            return FallbackReason.NOTHING_WRITTEN
        return find_unfaithful(source, written, self._extractive.names, self._model.config.least_supported)

    def _text(self, tokens: Sequence[int], lines: Sequence[str]) -> str:
        text: str = self._model.tokenizer.decode(list(tokens))
        return truecase(text, "\n".join(lines)) if self._model.config.family == "pointer" else text.strip()

    def _sections(self, lines: Sequence[str]) -> list[Sequence[str]]:
        lengths = [length + 1 for length in self._model.token_counts(lines)]
        runs = chunk_sentences(lengths, self._model.token_budget)
        return [[lines[index] for index in run] for run in runs]

    def _size(self, lines: Sequence[str]) -> int:
        return sum(self._model.token_counts(lines))


def _support(found: Sequence[ScoredNote], written: Sequence[str]) -> list[tuple[int, int]]:
    """For each sentence written, the one of the entries' own that says most of it; each once, in order."""
    pool = [
        (at, row, _stems(" ".join(each.note.words[row])))
        for at, each in enumerate(found)
        for row in range(len(each.rows))
    ]
    chosen = set()
    for sentence in written:
        wanted = _stems(sentence)
        at, row, stems = max(pool, key=lambda each: len(wanted & each[2]) / (len(each[2]) + 4.0) ** 0.5)
        if wanted & stems:
            chosen.add((at, row))
    return sorted(chosen)


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words(text) if word not in FUNCTION)
