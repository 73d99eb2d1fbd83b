"""Search over a user's own entries: by meaning in English, by word in other languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from functions.shared.domain.changes import NO_CHANGE, Write
from functions.shared.domain.content import UNDETERMINED, Embedding, Segment, Transcript
from functions.shared.domain.effective import word_label
from functions.shared.domain.entries import Entry, EntryKey
from functions.shared.domain.understood import Understood, is_in_another_language
from functions.shared.observability import logs
from functions.shared.ports import ALL_ENTRIES, EntryFilter, PassageMatch, PieceKey, Ports
from functions.shared.runtime.onnx import read_config
from functions.shared.runtime.settings import Settings
from functions.shared.text.embedding import embed, embed_query, mean_vector, model_name, unpack_vector
from functions.shared.text.encoder import ENCODER, EncoderConfig, TextEncoder, load_encoder
from functions.shared.text.sentences import segments
from functions.shared.text.words import (
    indexed_words,
    is_foreign_script,
    opening,
    query_words,
    unembedded_words,
)

MAX_PASSAGES = 1000
"""Passages considered in one search."""
_WIDEN_BY = 4
"""Passages requested per wanted entry, and the factor by which the search widens."""


class SearchHit(NamedTuple):
    """An entry, the similarity (cosine) of its best passage, and the sentence of it to show.

    `by_words`: it has the words of the query; its similarity is 1.
    """

    entry: Entry
    similarity: float
    passage: str
    by_words: bool = False


class EntrySearch:
    """Searches each user's own entries. The encoder is loaded for the first search."""

    def __init__(self, ports: Ports, settings: Settings) -> None:
        self._ports = ports
        self._settings = settings

    @cached_property
    def model(self) -> str:
        """The model whose embeddings are compared. Reading its name does not load it."""
        return model_name(read_config(self._folder, EncoderConfig))

    def search(self, uid: str, text: str, limit: int, where: EntryFilter = ALL_ENTRIES) -> list[SearchHit]:
        """The entries that have the words of a text in another language, then the most similar ones.

        A text in a script that the encoder cannot read is only searched by its words.
        """
        words = query_words(text)
        hits = self._with_words(uid, words, limit, where)
        if len(hits) == limit or (words and all(is_foreign_script(word) for word in words)):
            return hits
        vector = embed_query(self._encoder, text)
        found = {hit.entry.entry_id for hit in hits}
        similar = self._find(
            uid, vector, limit, lambda entry: where.matches(entry) and entry.entry_id not in found
        )
        return [*hits, *self._hits(similar, vector)][:limit]

    def similar(self, entry: Entry, limit: int) -> list[SearchHit]:
        """The other entries most similar to this one, best first; none if it has no embedding yet."""
        embedding = self._ports.store.read(entry.key, entry.revision, Embedding)
        if embedding is None or embedding.model != self.model or not embedding.passages:
            return []
        vector = mean_vector([passage.vector for passage in embedding.passages])
        matches = self._find(entry.uid, vector, limit, lambda other: other.entry_id != entry.entry_id)
        return self._hits(matches, vector)

    def backfill(self, limit: int) -> int:
        """Embed finished entries without an embedding by this model; returns how many there were."""
        keys = self._ports.store.list_unembedded(self.model, limit)
        for key in keys:
            self._embed(key)
        if keys:
            logs.event("embedded", count=len(keys), model=self.model)
        return len(keys)

    @cached_property
    def _encoder(self) -> TextEncoder:
        return load_encoder(self._folder, self._settings.threads)

    @property
    def _folder(self) -> Path:
        return self._settings.models_path / ENCODER

    def _with_words(self, uid: str, words: Sequence[str], limit: int, where: EntryFilter) -> list[SearchHit]:
        """Entries with all of the words that have no embedding, newest first."""
        if not words:
            return []
        labels = (*map(word_label, words), *where.labels)
        page = self._ports.store.list_entries(uid, limit=limit, where=replace(where, labels=labels))
        keys = [PieceKey(entry.key, entry.revision) for entry in page.entries]
        transcripts = self._ports.store.read_many(keys, Transcript) if keys else []
        return [
            SearchHit(entry, 1.0, _sentence_with(words, _segments(transcript)), by_words=True)
            for entry, transcript in zip(page.entries, transcripts, strict=True)
            if transcript is not None
        ]

    def _find(
        self, uid: str, vector: bytes, limit: int, is_wanted: Callable[[Entry], bool]
    ) -> list[tuple[Entry, PassageMatch]]:
        """The best passage of each wanted entry; considers more passages until enough are selected."""
        entries: dict[EntryKey, Entry | None] = {}
        width = limit * _WIDEN_BY
        while True:
            matches = self._ports.store.find_nearest(uid, self.model, vector, width)
            selected = self._select(_best_per_entry(matches), limit, is_wanted, entries)
            if len(selected) == limit or len(matches) < width or width >= MAX_PASSAGES:
                return selected
            width = min(width * _WIDEN_BY, MAX_PASSAGES)

    def _select(
        self,
        matches: Sequence[PassageMatch],
        limit: int,
        is_wanted: Callable[[Entry], bool],
        entries: dict[EntryKey, Entry | None],
    ) -> list[tuple[Entry, PassageMatch]]:
        """The first `limit` wanted entries with their matches.

        Fetches `limit` entries first, and the others only if some of those are not wanted. `entries` caches
        the entries that earlier calls fetched.
        """
        selected: list[tuple[Entry, PassageMatch]] = []
        for batch in (matches[:limit], matches[limit:]):
            unknown = [match.key for match in batch if match.key not in entries]
            if unknown:
                entries.update(zip(unknown, self._ports.store.get_many(unknown), strict=True))
            for match in batch:
                entry = entries[match.key]
                if entry is not None and _is_current(entry, match) and is_wanted(entry):
                    selected.append((entry, match))
            if len(selected) >= limit:
                break
        return selected[:limit]

    def _hits(self, selected: Sequence[tuple[Entry, PassageMatch]], vector: bytes) -> list[SearchHit]:
        if not selected:
            return []
        keys = [PieceKey(entry.key, entry.revision) for entry, _ in selected]
        transcripts = self._ports.store.read_many(keys, Transcript)
        passages = [
            _passage(transcript, match) if transcript else []
            for (_, match), transcript in zip(selected, transcripts, strict=True)
        ]
        sentences = self._most_similar(passages, vector)
        return [
            SearchHit(entry, match.similarity, sentence)
            for (entry, match), sentence in zip(selected, sentences, strict=True)
        ]

    def _most_similar(self, passages: Sequence[Sequence[str]], vector: bytes) -> list[str]:
        """The sentence of each passage that is most similar to the vector; encodes all in one call."""
        candidates = [sentence for passage in passages if len(passage) > 1 for sentence in passage]
        scores: Iterator[float] = iter(())
        if candidates:
            scores = iter((self._encoder.encode(candidates).embeddings @ unpack_vector(vector)).tolist())
        selected = []
        for passage in passages:
            if len(passage) < 2:
                selected.append(" ".join(passage))
                continue
            passage_scores = list(islice(scores, len(passage)))
            selected.append(passage[passage_scores.index(max(passage_scores))])
        return selected

    def _embed(self, key: EntryKey) -> None:
        entry = self._ports.store.get(key)
        if entry is None or not entry.listed:
            return
        transcript = self._ports.store.read(key, entry.revision, Transcript)
        segments = _with_language_of(entry, _segments(transcript) if transcript else ())
        understood = Understood(segments)
        embedding = understood.embedding(
            embed(self._encoder, [segment.text for segment in understood.segments])
        )
        words, revision = unembedded_words(segments), entry.revision
        first_words = opening(transcript.text) if transcript and is_in_another_language(entry) else None

        def store(entry: Entry | None, _: datetime) -> tuple[Write, None]:
            if entry is None or not entry.listed or entry.revision != revision:
                return NO_CHANGE, None
            fields = {"embedding_model": embedding.model, "words": words, "opening": first_words}
            return Write(entry=replace(entry, **fields), pieces=(embedding,)), None

        self._ports.store.transact(key, store)


def _best_per_entry(matches: Sequence[PassageMatch]) -> list[PassageMatch]:
    """The first match of each entry; matches are sorted best first."""
    best: dict[EntryKey, PassageMatch] = {}
    for match in matches:
        best.setdefault(match.key, match)
    return list(best.values())


def _is_current(entry: Entry, match: PassageMatch) -> bool:
    """Whether the match is of the entry as it is now: not deleted, and not edited since."""
    return entry.listed and entry.revision == match.revision


def _passage(transcript: Transcript, match: PassageMatch) -> list[str]:
    passage = _segments(transcript)[match.first : match.last + 1]
    return [segment.text for segment in Understood(passage).segments]


def _sentence_with(words: Sequence[str], segments: Sequence[Segment]) -> str:
    """The sentence that has most of the words."""
    wanted = set(words)
    sentences = [segment.text for segment in segments if segment.left_out is None]
    return max(sentences, key=lambda sentence: len(wanted & set(indexed_words(sentence))), default="")


def _with_language_of(entry: Entry, segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """The segments with the language of an entry from before segments had one of their own."""
    if not is_in_another_language(entry):
        return tuple(segments)
    language = entry.language or UNDETERMINED
    return tuple(replace(segment, language=segment.language or language) for segment in segments)


def _segments(transcript: Transcript) -> tuple[Segment, ...]:
    return transcript.segments or segments(transcript.text)
