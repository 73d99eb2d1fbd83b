"""Synthetic journals are seeded, varied, marked as synthetic, and what the journal can take in."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build.data import lemotif, synthetic
from build.errors import DataError
from functions.journal.api.entries import NewEntry
from functions.journal.integrations.imports import TEXT_SUFFIXES, files_in

YEAR = synthetic.generate(365, 7)


@settings(max_examples=20)
@given(st.integers(1, 30), st.integers(0, 2**31))
def test_a_seed_decides_the_journal(count: int, seed: int) -> None:
    entries = synthetic.generate(count, seed)
    assert entries == synthetic.generate(count, seed)
    assert len({entry.id for entry in entries}) == count
    assert entries != synthetic.generate(count, seed + 1)


def test_every_entry_says_that_it_is_synthetic() -> None:
    assert all(entry.synthetic and entry.id.startswith("synthetic-7-") for entry in YEAR)


def test_no_two_entries_say_the_same() -> None:
    assert len({entry.text for entry in YEAR}) == len(YEAR)


def test_entries_differ_in_length_topics_and_time_of_day() -> None:
    words = np.asarray([len(entry.text.split()) for entry in YEAR])
    assert words.min() < 25
    assert words.max() > 100
    assert {topic for entry in YEAR for topic in entry.topics} == set(lemotif.LABELS["topics"])
    assert {entry.recorded_at.hour // 6 for entry in YEAR} == {1, 2, 3}


def test_every_slot_is_filled_and_every_sentence_begins_with_a_capital() -> None:
    for entry in YEAR:
        assert not re.search(r"[{}]", entry.text)
        assert all(sentence[0].isupper() for sentence in re.split(r"(?<=[.!?]) ", entry.text))


def test_every_phrase_fits_its_slots() -> None:
    found = synthetic.phrases()
    slots = {name: values[0] for name, values in found.slots.items()} | {"weekday": "Monday"}
    lists = [
        *found.openings.values(),
        *found.feelings.values(),
        *found.turns.values(),
        *found.closings.values(),
    ]
    for sentences in [*lists, *(said for topic in found.topics.values() for said in topic.values())]:
        assert len(sentences) == len(set(sentences)) >= 4
        assert all(sentence.format_map(slots)[-1] in ".!?" for sentence in sentences)


def test_moods_run_on_from_day_to_day() -> None:
    moods = {entry.recorded_at.date(): entry.mood for entry in YEAR}
    pairs = [
        (moods[day], moods[day + timedelta(days=1)]) for day in moods if day + timedelta(days=1) in moods
    ]
    assert np.corrcoef(np.asarray(pairs).T)[0, 1] > 0.4
    assert min(moods.values()) < -0.5
    assert max(moods.values()) > 0.5
    assert all(-1 <= mood <= 1 for mood in moods.values())


def test_a_low_mood_sounds_lower_than_a_high_one() -> None:
    feelings = synthetic.phrases().feelings

    def share(tone: synthetic.Tone, low: bool) -> float:
        texts = [entry.text for entry in YEAR if (entry.mood < -0.4 if low else entry.mood > 0.4)]
        return float(np.mean([any(said in text for said in feelings[tone]) for text in texts]))

    assert share("bad", low=True) > 2 * share("bad", low=False)
    assert share("good", low=False) > 2 * share("good", low=True)


@pytest.mark.parametrize("count", [30, 365, 2000])
def test_entries_come_in_order_and_within_about_a_year(count: int) -> None:
    times = [entry.recorded_at for entry in synthetic.generate(count, 1)]
    assert times == sorted(times)
    assert times[-1] - times[0] < timedelta(days=min(1.5 * count, 450))


def test_each_line_is_an_entry_the_api_takes(tmp_path: Path) -> None:
    synthetic.write_lines(tmp_path / "deep" / "journal.jsonl", YEAR[:5])
    lines = (tmp_path / "deep" / "journal.jsonl").read_bytes().splitlines()
    taken = [msgspec.json.decode(line, type=NewEntry) for line in lines]
    assert [(new.text, new.recorded_at) for new in taken] == [(e.text, e.recorded_at) for e in YEAR[:5]]
    assert all(json.loads(line)["synthetic"] is True for line in lines)


def test_texts_are_files_that_a_backfill_imports_with_their_dates(tmp_path: Path) -> None:
    synthetic.write_texts(tmp_path / "texts", YEAR[:5])
    files = files_in(tmp_path / "texts")
    assert [path.suffix in TEXT_SUFFIXES for path in files] == [True] * 5
    assert [path.stat().st_mtime for path in files] == [entry.recorded_at.timestamp() for entry in YEAR[:5]]
    assert [path.read_text().strip() for path in files] == [entry.text for entry in YEAR[:5]]


@pytest.mark.parametrize(("count", "seed"), [(0, 1), (-3, 1), (3, -1)])
def test_what_cannot_be_made_is_refused(count: int, seed: int) -> None:
    with pytest.raises(DataError, match="cannot be made"):
        synthetic.generate(count, seed)
