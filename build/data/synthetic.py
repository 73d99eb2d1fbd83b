"""Synthetic journal entries for demos and load tests; every record has ``synthetic: true``.

Nothing is trained or measured on them. The author's mood evolves from day to day (a first-order
autoregressive process with a weekly cycle). An entry has a time of day, one to three of Lemotif's topics, and
an emotional arc from the day's mood to a random end. The same seed generates the same journal.
``phrases.toml`` next to this module contains the sentences.
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
"""Longest span of a journal; if there are more entries than days, there are several per day."""
_HOURS = {"morning": (6, 10), "midday": (11, 15), "evening": (17, 21), "night": (22, 24)}
_PARTS = (0.2, 0.15, 0.45, 0.2)
"""Probability of each part of the day."""
_PERSISTENCE, _SHOCK = 0.75, 0.3
"""AR(1) coefficient of the mood, and standard deviation of its daily innovation."""
_WEEKDAY_MOOD = (-0.12, -0.04, 0.0, 0.0, 0.08, 0.12, 0.0)
"""Monday to Sunday."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the file; the journal API accepts its ``text`` and ``recorded_at``."""

    id: str
    synthetic: bool = True
    recorded_at: datetime
    text: str
    topics: list[str]
    mood: float
    """Mood at the start of the entry, -1 to 1."""


class Phrases(msgspec.Struct, frozen=True):
    """The sentences by purpose."""

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
    """``count`` entries ordered by date from ``start``: about one per day, or more if they exceed one year.

    Raises:
        DataError: ``count`` is below 1, or ``seed`` is negative.
    """
    if count < 1 or seed < 0:
        raise DataError(f"{count} entries cannot be generated with seed {seed}")
    random = np.random.default_rng(seed)
    moments = _moments(start, max(1.0, count / _DAYS), random)
    return [_entry(f"synthetic-{seed}-{n:06d}", *next(moments), random) for n in range(1, count + 1)]


def write_lines(path: Path, entries: Sequence[Entry]) -> None:
    """Write the entries as JSON lines."""
    write_bytes(path, b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries))


def write_texts(folder: Path, entries: Sequence[Entry]) -> None:
    """Write one text file per entry, dated by its modification time: the input of ``samo backfill``."""
    for entry in entries:
        path = folder / f"{entry.id}.txt"
        write_bytes(path, entry.text.encode() + b"\n")
        os.utime(path, (entry.recorded_at.timestamp(),) * 2)


def _moments(
    start: datetime, daily: float, random: np.random.Generator
) -> Iterator[tuple[datetime, str, float]]:
    """Endless (time, part of the day, mood of the day) of entries."""
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
    """Composes one entry; no sentence is used twice."""

    def __init__(self, when: datetime, random: np.random.Generator) -> None:
        self._random = random
        self._phrases = phrases()
        self._used: set[str] = set()
        self._weekday = f"{when:%A}"
        self._slots = self._random_slots()

    def entry(self, part: str, mood: float, steps: int) -> tuple[str, list[str]]:
        """The text, and its topics in order of appearance."""
        final_mood = float(np.clip(mood + self._random.normal(0.0, 0.5), -1.0, 1.0))
        names = self._random.permutation(list(self._phrases.topics))[: 1 + (steps > 3) + (steps > 8)].tolist()
        sentences = [self._sentence(self._phrases.openings[part])]
        for topic, levels in zip(
            names, np.array_split(np.linspace(mood, final_mood, steps), len(names)), strict=True
        ):
            if topic != names[0]:
                sentences.append(self._transition(final_mood - mood))
            sentences += self._topic_sentences(topic, levels.tolist())
        sentences.append(self._sentence(self._phrases.closings[self._tone(final_mood)]))
        return " ".join(sentences), names

    def _topic_sentences(self, topic: str, levels: Sequence[float]) -> Iterator[str]:
        """Events and feelings alternately, while the mood moves along ``levels``."""
        self._slots = self._random_slots()
        tone: Tone = "plain"
        for step, level in enumerate(levels):
            if step % 2 == 0:
                tone = self._tone(level)
                yield self._sentence(self._phrases.topics[topic][tone])
            else:
                yield self._sentence(self._phrases.feelings[tone])

    def _transition(self, change: float) -> str:
        return self._sentence(
            self._phrases.turns["up" if change > 0.4 else "down" if change < -0.4 else "level"]
        )

    def _tone(self, level: float) -> Tone:
        noisy_level = level + self._random.normal(0.0, 0.25)
        return "good" if noisy_level > 0.2 else "bad" if noisy_level < -0.2 else "plain"

    def _sentence(self, choices: Sequence[str]) -> str:
        unused = [choice for choice in choices if choice not in self._used] or list(choices)
        chosen = unused[int(self._random.integers(len(unused)))]
        self._used.add(chosen)
        sentence = chosen.format_map(self._slots)
        return sentence[0].upper() + sentence[1:]

    def _random_slots(self) -> dict[str, str]:
        """A random value for each slot."""
        slots = self._phrases.slots.items()
        filled = {name: values[int(self._random.integers(len(values)))] for name, values in slots}
        return {**filled, "weekday": self._weekday}
