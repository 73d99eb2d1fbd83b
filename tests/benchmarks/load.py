"""Fifty people at once: `python -m tests.benchmarks.load [--seconds 60]`.

A laptop server with accounts (a real issuer, 50 users, a token each) in a process of its own; every user
makes a call, thinks for a second, and makes the next: lists, reads, new typed entries (which the workers
analyse meanwhile), searches, feedback, edits, predictions, deletions. Prints the latencies of each route,
errors, and the server's memory. Then how long page 400 of a list of 10,000 entries takes beside page 1,
medians of 30.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped]

from functions.laptop.process import LocalProcess
from functions.shared.domain.changes import Write
from functions.shared.domain.entries import Entry, EntryKey, Source, Status
from functions.shared.runtime.settings import Settings
from tests.benchmarks.memory_lane.check import load_entries, load_queries
from tests.browser.samo import Samo
from tests.support import issuer as issuers
from tests.support.issuer import Issuer

USERS = 50
AUDIENCE = "load"
LONG = 10_000
PAGE = 25
MIX = (
    ("GET /v1/entries", 25),
    ("GET /v1/entries/{id}", 25),
    ("POST /v1/entries", 12),
    ("GET /v1/search", 12),
    ("PUT /v1/entries/{id}/feedback", 6),
    ("PATCH /v1/entries/{id}", 5),
    ("POST /predict", 8),
    ("GET /v1/me", 4),
    ("DELETE /v1/entries/{id}", 3),
)
"""How often of a hundred calls."""


class Spent:
    """Milliseconds by route, and what went wrong."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self.errors: list[str] = []


class User:
    """One of them, with entries of their own."""

    def __init__(self, client: httpx.AsyncClient, token: str, seed: int, spent: Spent) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}
        self._random = random.Random(seed)
        self._texts = [entry.text for entry in load_entries()]
        self._queries = [query.query for query in load_queries()]
        self._entries: list[str] = []
        self._spent = spent

    async def live(self, until: float) -> None:
        await asyncio.sleep(self._random.random())
        await self._call("POST /v1/entries")
        while time.monotonic() < until:
            routes, weights = zip(*MIX, strict=True)
            await self._call(self._random.choices(routes, weights)[0])
            await asyncio.sleep(1.0)

    async def _call(self, route: str) -> None:
        method, path = route.split(" ")
        if "{id}" in path:
            if not self._entries:
                return
            entry = self._random.choice(self._entries)
            path = path.replace("{id}", entry)
            if method == "DELETE":
                self._entries.remove(entry)
        began = time.perf_counter()
        try:
            answer = await self._client.request(method, path, headers=self._headers, **self._sent(route))
        except httpx.HTTPError as error:
            self._spent.errors.append(f"{route}: {type(error).__name__}")
            return
        self._spent.times[route].append((time.perf_counter() - began) * 1000)
        if answer.is_error:
            self._spent.errors.append(f"{route}: {answer.status_code} {answer.text[:80]}")
        elif route == "POST /v1/entries":
            self._entries.append(answer.json()["id"])

    def _sent(self, route: str) -> dict[str, Any]:
        text = {"text": self._random.choice(self._texts)}
        return {
            "POST /v1/entries": {"json": text},
            "PATCH /v1/entries/{id}": {"json": text},
            "POST /predict": {"json": text},
            "PUT /v1/entries/{id}/feedback": {"json": {"emotion": "joy", "verdict": "agree"}},
            "GET /v1/search": {"params": {"q": self._random.choice(self._queries)}},
        }.get(route, {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    seconds = parser.parse_args().seconds
    with issuers.serving() as issuer, served(issuer) as samo:
        spent, memory = asyncio.run(crowd(samo, issuer, seconds))
    for route, times in sorted(spent.times.items()):
        p95 = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
        print(
            f"{route:32s} {len(times):5d} calls  median {statistics.median(times):6.1f} ms  p95 {p95:6.1f} ms"
        )
    print(f"errors: {len(spent.errors)} {sorted(set(spent.errors))[:5]}")
    print("memory, MiB: " + ", ".join(f"{at:.0f} s {used:.0f}" for at, used in memory))
    long_list()


@contextmanager
def served(issuer: Issuer) -> Iterator[Samo]:
    """A laptop server with accounts."""
    accounts = {"SAMO_AUTH_ISSUER": issuer.address, "SAMO_AUTH_AUDIENCE": AUDIENCE}
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(accounts)
        samo = Samo(Path(folder))
        try:
            yield samo
        finally:
            samo.stop()
            for name in accounts:
                del os.environ[name]


async def crowd(samo: Samo, issuer: Issuer, seconds: float) -> tuple[Spent, list[tuple[float, float]]]:
    """Everybody at once; memory is looked at five times."""
    spent, memory = Spent(), []
    limits = httpx.Limits(max_connections=USERS, max_keepalive_connections=USERS)
    async with httpx.AsyncClient(base_url=samo.address, timeout=30, limits=limits) as client:
        until = time.monotonic() + seconds
        people = [
            User(client, issuer.token(AUDIENCE, sub=f"user-{number}"), number, spent)
            for number in range(USERS)
        ]
        living = asyncio.gather(*(person.live(until) for person in people))
        for part in range(1, 6):
            await asyncio.sleep(max(0.0, until - seconds + part * seconds / 5 - time.monotonic()))
            memory.append((part * seconds / 5, psutil.Process(samo.pid).memory_info().rss / 2**20))
        await living
    return spent, memory


def long_list() -> None:
    """Page 400 beside page 1."""
    with tempfile.TemporaryDirectory() as folder:
        samo = LocalProcess(Settings(data_dir=folder))
        for number in range(LONG):
            put(samo, number)
        with samo.app().test_client() as client:
            cursor, path = "", f"/v1/entries?limit={PAGE}"
            for _ in range(LONG // PAGE - 1):
                cursor = f"&cursor={(client.get(path + cursor).json or {})['next_cursor']}"
            first = timed(lambda: client.get(path))
            last = timed(lambda: client.get(path + cursor))
    pages = LONG // PAGE
    print(f"list of {LONG:,}: page 1 {first:.1f} ms, page {pages} {last:.1f} ms ({last / first:.2f} times)")


def put(samo: LocalProcess, number: int) -> None:
    moment = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=number)
    key = EntryKey("me", f"{number:032x}")
    entry = Entry(
        uid=key.uid, entry_id=key.entry_id, source=Source.TEXT, status=Status.READY,
        created_at=moment, recorded_at=moment, updated_at=moment,
    )  # fmt: skip
    samo.backend.store.transact(key, lambda _, __: (Write(entry=entry), None))


def timed(call: Callable[[], object]) -> float:
    times = []
    for _ in range(30):
        began = time.perf_counter()
        call()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
