"""Recall of search over one's own words: `python -m tests.benchmarks.memory_lane`.

500 entries and 200 queries that share no content word with the entry they look for, both written before any
result was seen (README.md beside this). Each query goes through the journal's own search over SQLite, and
through keyword search on the same entries (SQLite's FTS5 with Porter stems, BM25, any word may match).
"""

from __future__ import annotations

import re
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec.structs import replace

from functions.journal.assembly import Assembly
from functions.shared.backends.local.backend import LocalBackend
from functions.shared.domain.changes import Write
from functions.shared.domain.entries import Entry, Status
from functions.shared.runtime.settings import Settings
from tests.benchmarks.memory_lane.check import load_entries, load_queries

USER = "me"
DEPTH = 10
Search = Callable[[str], Sequence[str]]


def main() -> None:
    entries, queries = load_entries(), load_queries()
    texts = {entry.id: entry.text for entry in entries}
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=folder)
        assembly = Assembly(LocalBackend(settings).ports, settings)
        journal = assembly.journals(USER)
        for name, text in texts.items():
            finish(assembly, journal.create_text_entry(text, entry_id=name))
        while assembly.backfill():
            pass
        memory = assembly.search
        print(f"{len(texts)} entries, {len(queries)} queries, {memory.model}")
        looked_for = [(query.query, query.target) for query in queries]
        report(
            "search", looked_for, lambda text: [f.entry.entry_id for f in memory.search(USER, text, DEPTH)]
        )
        report("keywords", looked_for, keywords(texts))


def finish(assembly: Assembly, entry: Entry) -> None:
    """As the stages would leave it; they are not what is measured."""

    def change(standing: Entry | None, _: datetime) -> tuple[Write, None]:
        assert standing is not None
        ready = replace(standing, status=Status.READY, pending_events=(), wake_at=None)
        return Write(entry=ready), None

    assembly.ports.store.transact(entry.key, change)


def keywords(texts: dict[str, str]) -> Search:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE notes USING fts5(name UNINDEXED, text, tokenize='porter unicode61')")
    db.executemany("INSERT INTO notes VALUES (?, ?)", texts.items())

    def search(text: str) -> list[str]:
        wanted = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", text))
        rows = db.execute("SELECT name FROM notes WHERE notes MATCH ? ORDER BY rank LIMIT ?", (wanted, DEPTH))
        return [name for (name,) in rows]

    return search


def report(name: str, looked_for: Sequence[tuple[str, str]], search: Search) -> None:
    ranks, spent = [], []
    for text, target in looked_for:
        began = time.perf_counter()
        found = search(text)
        spent.append((time.perf_counter() - began) * 1000)
        ranks.append(found.index(target) if target in found else DEPTH)
    recalls = "  ".join(
        f"recall@{depth} {sum(rank < depth for rank in ranks) / len(ranks):.3f}" for depth in (1, 5, 10)
    )
    print(f"{name:10s} {recalls}  {statistics.median(spent):.1f} ms")


if __name__ == "__main__":
    main()
