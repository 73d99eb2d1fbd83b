"""Memory lane: finding one's own entries again by what they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from functions.shared.domain.changes import NO_CHANGE, Write
from functions.shared.domain.content import Embedding, Transcript
from functions.shared.domain.entries import Entry, EntryKey
from functions.shared.observability import logs
from functions.shared.ports import ALL_ENTRIES, EntryFilter, PassageMatch, Ports
from functions.shared.runtime.onnx import read_config
from functions.shared.runtime.settings import Settings
from functions.shared.text.embedding import embed, embed_query, mean_vector, model_name, unpack_vector
from functions.shared.text.encoder import ENCODER, EncoderConfig, TextEncoder, load_encoder
from functions.shared.text.sentences import split

_MOST = 1000
"""Passages that are looked at for one search."""
_WIDER = 4


class SearchHit(NamedTuple):
    """An entry, how similar its most similar passage is (cosine), and what to show of it."""

    entry: Entry
    similarity: float
    passage: str


class EntrySearch:
    """Searches all users' entries, each among their own; the encoder is loaded with the first search."""

    def __init__(self, ports: Ports, settings: Settings) -> None:
        self._ports = ports
        self._settings = settings

    @cached_property
    def model(self) -> str:
        """By which entries are compared; the model itself need not be loaded to know."""
        return model_name(read_config(self._folder, EncoderConfig))

    def search(self, uid: str, text: str, limit: int, where: EntryFilter = ALL_ENTRIES) -> list[SearchHit]:
        """The entries most like a text, best first."""
        vector = embed_query(self._encoder, text)
        return self._found(uid, vector, limit, where.matches)

    def similar(self, entry: Entry, limit: int) -> list[SearchHit]:
        """Other entries like this one, best first; none while it cannot be compared yet."""
        own = self._ports.store.read(entry.key, entry.revision, Embedding)
        if own is None or own.model != self.model or not own.passages:
            return []
        vector = mean_vector([passage.vector for passage in own.passages])
        return self._found(entry.uid, vector, limit, lambda other: other.entry_id != entry.entry_id)

    def backfill(self, limit: int) -> int:
        """Make entries that this model does not know findable; answers how many there were."""
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

    def _found(self, uid: str, vector: bytes, limit: int, wanted: Callable[[Entry], bool]) -> list[SearchHit]:
        matches = self._matches(uid, vector, limit, wanted)
        return [
            SearchHit(each, match.similarity, self._passage(each, match, vector)) for each, match in matches
        ]

    def _matches(
        self, uid: str, vector: bytes, limit: int, wanted: Callable[[Entry], bool]
    ) -> list[tuple[Entry, PassageMatch]]:
        """The best passage of each wanted entry; looks further while too few of them are wanted."""
        width = limit * _WIDER
        while True:
            matches = self._ports.store.find_nearest(uid, self.model, vector, width)
            found = []
            for entry, match in self._standing(matches):
                if wanted(entry):
                    found.append((entry, match))
                if len(found) == limit:
                    return found
            if len(matches) < width or width >= _MOST:
                return found
            width = min(width * _WIDER, _MOST)

    def _standing(self, matches: Sequence[PassageMatch]) -> Iterator[tuple[Entry, PassageMatch]]:
        seen = set()
        for match in matches:
            if match.key in seen:
                continue
            seen.add(match.key)
            entry = self._ports.store.get(match.key)
            if entry is not None and entry.listed and entry.revision == match.revision:
                yield entry, match

    def _passage(self, entry: Entry, match: PassageMatch, vector: bytes) -> str:
        """The sentence of the passage that is most like what was looked for."""
        transcript = self._ports.store.read(entry.key, entry.revision, Transcript)
        if transcript is None:
            return ""
        sentences = _sentences(transcript)[match.first : match.last + 1]
        if len(sentences) < 2:
            return " ".join(sentences)
        rows = self._encoder.encode(sentences).embeddings
        return sentences[int((rows @ unpack_vector(vector)).argmax())]

    def _embed(self, key: EntryKey) -> None:
        entry = self._ports.store.get(key)
        if entry is None or not entry.listed:
            return
        transcript = self._ports.store.read(key, entry.revision, Transcript)
        piece = embed(self._encoder, _sentences(transcript) if transcript else [])
        revision = entry.revision

        def store(standing: Entry | None, _: datetime) -> tuple[Write, None]:
            if standing is None or not standing.listed or standing.revision != revision:
                return NO_CHANGE, None
            return Write(entry=replace(standing, embedding_model=piece.model), pieces=(piece,)), None

        self._ports.store.transact(key, store)


def _sentences(transcript: Transcript) -> list[str]:
    return [each.text for each in transcript.segments] or split(transcript.text)
