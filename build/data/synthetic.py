"""Synthetic journal entries for demonstrations and load tests; every record says ``synthetic: true``.

Nobody wrote them, and nothing is trained or measured on them. A writer's mood runs on from day to day (a
first-order autoregressive course with a weekly swing); an entry has a time of day, one to three of Lemotif's
topics, and an emotional course of its own from the day's mood to wherever it ends. The same seed gives the
same journal. ``phrases.toml`` beside this module holds the sentences.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from build.errors import DataError
from build.files import write_bytes

Tone = Literal["good", "plain", "bad"]

START = datetime(2024, 1, 1, tzinfo=UTC)
"""A Monday."""
_DAYS = 364
"""A journal spans no more; more entries than days come several a day."""
_HOURS = {"morning": (6, 10), "midday": (11, 15), "evening": (17, 21), "night": (22, 24)}
_PARTS = (0.2, 0.15, 0.45, 0.2)
"""How the entries of a day are shared out among its parts."""
_PERSISTENCE, _SHOCK = 0.75, 0.3
_WEEKDAY_MOOD = (-0.12, -0.04, 0.0, 0.0, 0.08, 0.12, 0.0)
"""Monday to Sunday."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the file; the journal's API reads its ``text`` and ``recorded_at``."""

    id: str
    synthetic: bool = True
    recorded_at: datetime
    text: str
    topics: list[str]
    mood: float
    """What the entry starts from, -1 to 1."""


class Phrases(msgspec.Struct, frozen=True):
    """The sentences, by what they are for."""

    slots: dict[str, list[str]]
    openings: dict[str, list[str]]
    feelings: dict[Tone, list[str]]
    turns: dict[str, list[str]]
    closings: dict[Tone, list[str]]
    topics: dict[str, dict[Tone, list[str]]]


@lru_cache(maxsize=1)
def phrases() -> Phrases:
    """The committed sentences."""
    content = Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(content), Phrases)


def generate(count: int, seed: int, start: datetime = START) -> list[Entry]:
    """``count`` entries by date from ``start`` on: about one a day, or what it takes to fit into a year.

    Raises:
        DataError: less than one entry, or a seed below zero.
    """
    if count < 1 or seed < 0:
        raise DataError(f"{count} entries cannot be made with seed {seed}")
    random = np.random.default_rng(seed)
    moments = _moments(start, max(1.0, count / _DAYS), random)
    return [_entry(f"synthetic-{seed}-{n:06d}", *next(moments), random) for n in range(1, count + 1)]


def write_lines(path: Path, entries: Sequence[Entry]) -> None:
    """The entries as JSON lines."""
    write_bytes(path, b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries))


def write_texts(folder: Path, entries: Sequence[Entry]) -> None:
    """A text file an entry, changed when it was written: what ``samo backfill`` imports."""
    for entry in entries:
        path = folder / f"{entry.id}.txt"
        write_bytes(path, entry.text.encode() + b"\n")
        os.utime(path, (entry.recorded_at.timestamp(),) * 2)


def _moments(
    start: datetime, daily: float, random: np.random.Generator
) -> Iterator[tuple[datetime, str, float]]:
    """When there is something to write, which part of the day that is, and the mood of the day."""
    day, mood = start, 0.0
    while True:
        shock = random.normal(_WEEKDAY_MOOD[day.weekday()], _SHOCK)
        mood = float(np.clip(_PERSISTENCE * mood + shock, -1.0, 1.0))
        parts = random.choice(list(_HOURS), size=random.poisson(daily), p=_PARTS)
        minutes = sorted((random.uniform(*_HOURS[part]) * 60, str(part)) for part in parts)
        for minute, part in minutes:
            yield day + timedelta(seconds=int(minute * 60)), part, mood
        day += timedelta(days=1)


def _entry(name: str, when: datetime, part: str, mood: float, random: np.random.Generator) -> Entry:
    writer = _Writer(when, random)
    steps = int(1 + random.geometric(0.22))
    text, topics = writer.entry(part, mood, min(steps, 16))
    return Entry(id=name, recorded_at=when, text=text, topics=topics, mood=round(mood, 2))


class _Writer:
    """Puts one entry together; no sentence comes twice in it."""

    def __init__(self, when: datetime, random: np.random.Generator) -> None:
        self._random = random
        self._phrases = phrases()
        self._used: set[str] = set()
        self._weekday = f"{when:%A}"
        self._slots = self._fill()

    def entry(self, part: str, mood: float, steps: int) -> tuple[str, list[str]]:
        """The text, and its topics in order of appearance."""
        ends = float(np.clip(mood + self._random.normal(0.0, 0.5), -1.0, 1.0))
        names = self._random.permutation(list(self._phrases.topics))[: 1 + (steps > 3) + (steps > 8)].tolist()
        said = [self._say(self._phrases.openings[part])]
        for topic, levels in zip(
            names, np.array_split(np.linspace(mood, ends, steps), len(names)), strict=True
        ):
            if topic != names[0]:
                said.append(self._turn(ends - mood))
            said += self._block(topic, levels.tolist())
        said.append(self._say(self._phrases.closings[self._tone(ends)]))
        return " ".join(said), names

    def _block(self, topic: str, levels: Sequence[float]) -> Iterator[str]:
        """What happened and how it felt, in turns, while the mood runs along ``levels``."""
        self._slots = self._fill()
        tone: Tone = "plain"
        for step, level in enumerate(levels):
            if step % 2 == 0:
                tone = self._tone(level)
                yield self._say(self._phrases.topics[topic][tone])
            else:
                yield self._say(self._phrases.feelings[tone])

    def _turn(self, change: float) -> str:
        return self._say(self._phrases.turns["up" if change > 0.4 else "down" if change < -0.4 else "level"])

    def _tone(self, level: float) -> Tone:
        felt = level + self._random.normal(0.0, 0.25)
        return "good" if felt > 0.2 else "bad" if felt < -0.2 else "plain"

    def _say(self, choices: Sequence[str]) -> str:
        fresh = [choice for choice in choices if choice not in self._used] or list(choices)
        chosen = fresh[int(self._random.integers(len(fresh)))]
        self._used.add(chosen)
        sentence = chosen.format_map(self._slots)
        return sentence[0].upper() + sentence[1:]

    def _fill(self) -> dict[str, str]:
        """A value for each slot."""
        slots = self._phrases.slots.items()
        filled = {name: values[int(self._random.integers(len(values)))] for name, values in slots}
        return {**filled, "weekday": self._weekday}
