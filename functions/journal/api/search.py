"""Search by meaning and by word over a user's entries."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from functions.journal.api.entries import read_entry
from functions.journal.api.list_filter import ListFilter
from functions.journal.journal import Journals
from functions.journal.search import EntrySearch, SearchHit
from functions.journal.views.entries import TAG, EntryView, entry_view
from functions.shared.access.authorization import Requirement
from functions.shared.domain.records import Scope
from functions.shared.observability import logs
from functions.shared.web.routing import Call, Reply, Route
from functions.shared.web.validation import require_text

MAX_QUERY_CHARS = 500
Limit = Annotated[int, Meta(ge=1, le=50)]


class Search(ListFilter, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """A search. `q` is free text; the other parameters are those of lists."""

    q: Annotated[str, Meta(min_length=1, max_length=MAX_QUERY_CHARS)]
    limit: Limit = 10


class SimilarQuery(msgspec.Struct, frozen=True):
    """How many entries to return."""

    limit: Limit = 5


class Match(StrEnum):
    """How an entry matches a search."""

    WORDS = "words"
    MEANING = "meaning"


class SearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """A matching entry, and the sentence that matches best.

    `match` says whether the entry has the words of the query (then `score` is 1) or means something similar
    (then `score` is the similarity, 0..1).
    """

    entry: EntryView
    score: float
    passage: str
    match: Match = Match.MEANING


class SearchResults(msgspec.Struct, frozen=True, kw_only=True):
    """Entries that have the query's words first, newest first; then by similarity, which `model` computed."""

    results: tuple[SearchResult, ...]
    model: str


class SearchApi:
    """Handlers over the callers' journals. Access is logged, content is not."""

    def __init__(self, search: EntrySearch, journals: Journals) -> None:
        self._search = search
        self._journals = journals

    def search(self, call: Call[None]) -> Reply:
        query: Search = call.query
        text = require_text(query.q, MAX_QUERY_CHARS)
        logs.audit("read", call.uid, "search")
        return self._reply(call, self._search.search(call.uid, text, query.limit, query.entry_filter))

    def similar(self, call: Call[None]) -> Reply:
        _, entry = read_entry(self._journals, call)
        return self._reply(call, self._search.similar(entry, call.query.limit))

    def _reply(self, call: Call[None], hits: Sequence[SearchHit]) -> Reply:
        support = self._journals(call.uid).support_notes()
        results = (
            SearchResult(
                entry=entry_view(hit.entry, support=support(hit.entry)),
                score=round(min(1.0, max(0.0, hit.similarity)), 4),
                passage=hit.passage,
                match=Match.WORDS if hit.by_words else Match.MEANING,
            )
            for hit in hits
        )
        return Reply(body=SearchResults(results=tuple(results), model=self._search.model))


def routes(api: SearchApi) -> Sequence[Route]:
    return [
        Route(
            method="GET",
            path="/v1/search",
            handler=api.search,
            summary="Search entries by meaning, and by word in other languages than English",
            tag=TAG,
            requires=Requirement(scope=Scope.READ),
            query=Search,
            replies={200: SearchResults},
            problems={"invalid_parameter": 400, "empty_text": 400, "null_bytes": 400},
        ),
        Route(
            method="GET",
            path="/v1/entries/{entry_id}/similar",
            handler=api.similar,
            summary="List similar entries",
            tag=TAG,
            requires=Requirement(scope=Scope.READ),
            query=SimilarQuery,
            replies={200: SearchResults},
            problems={"invalid_parameter": 400, "entry_not_found": 404},
        ),
    ]
