"""The abstractive engine: entries in new words, or in extracts where the new words cannot be trusted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Self

import msgspec

from functions.shared import sentences as splitter
from functions.shared.entries import FallbackReason, Segment, Style, Summary
from functions.shared.work import Progress, no_progress
from functions.summarization.casing import restore
from functions.summarization.engine import Text
from functions.summarization.extractive import ExtractiveEngine, Read
from functions.summarization.faithfulness import stem, unfaithful
from functions.summarization.search import search, stream
from functions.summarization.sections import sections
from functions.summarization.seq2seq import GraphWriter, Seq2Seq
from functions.summarization.words import FUNCTION, words

_SENTENCE_WORDS = 12
"""How many words a sentence asked for adds to how long a summary is to be."""


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
        self, texts: Sequence[Text], *, max_sentences: int | None = None, progress: Progress = no_progress
    ) -> Summary:
        """Extracts, with the reason, where the new words say what is not in the entries.

        What is short enough to be its own summary is returned as it is.
        """
        limit = max_sentences or self._extractive.max_sentences
        found = [self._extractive.read(text) for text in texts]
        extract = self._extractive.compose(texts, found, limit)
        if self._extractive.is_own_summary(found, limit):
            return extract
        lines = [segment.text for text in texts for segment in text.segments]
        written = self.write(lines, limit, progress, [quote.text for quote in extract.quotes])
        reason = _why_not("\n".join(lines), written, self._extractive.names)
        if reason is not None:
            return msgspec.structs.replace(extract, fallback_reason=reason)
        return Summary(
            text=written,
            engine=self.name,
            style=self.style,
            title=extract.title,
            quotes=self._extractive.quotes(texts, found, _support(found, splitter.split(written))),
        )

    def write(
        self,
        lines: Sequence[str],
        limit: int,
        progress: Progress = no_progress,
        guide: Sequence[str] | None = None,
    ) -> str:
        """A summary of at most `limit` sentences, unchecked; `guide` is what to quote, where known.

        Sources longer than the model reads are written about in sections, and then about what was written.
        """
        while True:
            parts = self._sections(lines)
            if len(parts) == 1:
                break
            drafts = []
            for done, part in enumerate(parts):
                drafts.append(self._draft(part, limit))
                progress((done + 1) / (len(parts) + 1))
            shorter = [sentence for draft in drafts for sentence in splitter.split(draft)]
            if not shorter or self._size(shorter) >= self._size(lines):
                return " ".join(shorter[:limit])
            lines, guide = shorter, None
        return " ".join(splitter.split(self._draft(lines, limit, guide))[:limit])

    def stream(self, lines: Sequence[str], limit: int) -> Iterator[str]:
        """The growing draft of a source that is read at once: the likeliest token each time, unchecked."""
        config = self._model.config
        opening = config.opening_for(limit * _SENTENCE_WORDS)
        tokens: list[int] = []
        writer = self._read(lines, limit)
        for token in stream(writer, opening, config.end, config.search, config.banned):
            tokens.append(token)
            yield self._text(tokens, lines)

    def _draft(self, lines: Sequence[str], limit: int, guide: Sequence[str] | None = None) -> str:
        config = self._model.config
        opening = config.opening_for(limit * _SENTENCE_WORDS)
        writer = self._read(lines, limit, guide)
        return self._text(search(writer, opening, config.end, config.search, config.banned), lines)

    def _read(self, lines: Sequence[str], limit: int, guide: Sequence[str] | None = None) -> GraphWriter:
        if guide is None and self._model.config.guided:
            text = Text([Segment(text=line) for line in lines])
            guide = [quote.text for quote in self._extractive.summarize([text], max_sentences=limit).quotes]
        return self._model.read(self._model.source(lines, guide or ()))

    def _text(self, tokens: Sequence[int], lines: Sequence[str]) -> str:
        text: str = self._model.tokenizer.decode(list(tokens))
        return restore(text, "\n".join(lines)) if self._model.config.family == "pointer" else text.strip()

    def _sections(self, lines: Sequence[str]) -> list[Sequence[str]]:
        lengths = [length + 1 for length in self._model.lengths(lines)]
        runs = sections(lengths, self._model.room)
        return [[lines[index] for index in run] for run in runs]

    def _size(self, lines: Sequence[str]) -> int:
        return sum(self._model.lengths(lines))


def _why_not(source: str, written: str, names: AbstractSet[str]) -> FallbackReason | None:
    if not words(written):
        return FallbackReason.NOTHING_WRITTEN
    return unfaithful(source, written, names)


def _support(found: Sequence[Read], written: Sequence[str]) -> list[tuple[int, int]]:
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
