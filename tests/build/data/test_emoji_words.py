"""The table of what emoji say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from build.data.emoji_words import MEANINGS, main, table
from functions.shared.text.emoji import WORDS

NAMES = {
    "🚲": "bicycle",
    "👍🏽": "thumbs up: medium skin tone",
    "🙃": "upside-down face",
    "{": "open curly bracket",
}


@pytest.fixture
def cldr(tmp_path: Path) -> Path:
    path = tmp_path / "annotations.json"
    names = {sign: {"default": ["x"], "tts": [name]} for sign, name in NAMES.items()}
    path.write_text(json.dumps({"annotations": {"identity": {}, "annotations": names}}))
    return path


def test_names_are_from_cldr_unless_people_mean_something_else(cldr: Path) -> None:
    words = table(cldr, MEANINGS)
    assert words["🚲"] == "bicycle"
    assert words["🙃"] == "sarcastic smile"
    assert words["👍"] == "good"
    assert "{" not in words


def test_the_table_is_written(cldr: Path, tmp_path: Path) -> None:
    out = tmp_path / "emoji.json"
    assert main([str(cldr), "--out", str(out)]) == 0
    assert json.loads(out.read_text())["words"]["🚲"] == "bicycle"


def test_a_missing_source_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.json"), "--out", str(tmp_path / "out.json")]) == 1
    assert "none.json" in capsys.readouterr().err


def test_every_meaning_is_in_the_table_that_ships() -> None:
    shipped = json.loads(WORDS.read_text())
    assert "Unicode" in shipped["source"]
    assert set(shipped["words"].values()) >= {
        line.split(" ", 1)[1] for line in MEANINGS.read_text().splitlines()
    }
