"""The help lines that ship, and the checks on an operator's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.journal.assembly import Assembly
from functions.journal.support import countries, help_lines
from functions.journal.support.help_lines import SHIPPED
from functions.shared.backends.local.backend import LocalBackend
from functions.shared.errors import ConfigurationError
from functions.shared.runtime.settings import Settings

FILE = """
collected = 2026-11-30

[[countries]]
code = "DE"
emergency = "112"

[[countries.lines]]
name = "A line"
phone = "0800 1"
hours = "24 hours, every day"
languages = ["de"]
source = "https://line.example/contact"

[fallback]
name = "A directory"
url = "https://directory.example"
source = "https://directory.example/about"
"""


def written(folder: Path, text: str) -> Settings:
    path = folder / "lines.toml"
    path.write_text(text)
    return Settings(support_lines=str(path))


def test_the_shipped_lines_are_complete_and_of_real_countries() -> None:
    shipped = help_lines.load(SHIPPED)
    assert {"US", "GB", "IE", "AU", "NZ", "CA", "ZA", "IN", "DE", "FR"} <= set(shipped.by_code)
    assert set(shipped.by_code) <= countries.codes()
    lines = [line for country in shipped.countries for line in country.lines]
    assert all(line.seen and len(line.seen.split()) <= 12 for line in lines)


def test_the_shipped_file_says_that_an_operator_has_to_check_it() -> None:
    assert "CHECK THIS FILE BEFORE YOU RELY ON IT" in SHIPPED.read_text(encoding="utf-8")


def test_an_operators_file_replaces_the_shipped_one(tmp_path: Path) -> None:
    chosen = help_lines.chosen(written(tmp_path, FILE))
    assert [line.name for line in chosen.by_code["DE"].lines] == ["A line"]
    assert set(chosen.by_code) == {"DE"}


@pytest.mark.parametrize(
    ("replaced", "by", "named"),
    [
        ('phone = "0800 1"\n', "", "neither `phone` nor `text` nor `chat`"),
        ('phone = "0800 1"', 'phone = "call us"', "phone"),
        ('phone = "0800 1"', 'chat = "javascript:alert(1)"', "chat"),
        ('phone = "0800 1"', 'phnoe = "0800 1"', "phnoe"),
        ('emergency = "112"\n', "", "emergency"),
        ('code = "DE"', 'code = "Germany"', "code"),
        ("[fallback]", '[[countries]]\ncode = "DE"\nemergency = "112"\nlines = []\n[fallback]', "lines"),
        ('url = "https://directory.example"', 'url = "http://directory.example"', "url"),
        ("[fallback]", "[fallback", "TOML|Expected"),
    ],
)
def test_a_mistake_in_an_operators_file_is_named(tmp_path: Path, replaced: str, by: str, named: str) -> None:
    assert replaced in FILE
    with pytest.raises(ConfigurationError, match=named) as refused:
        help_lines.check(written(tmp_path, FILE.replace(replaced, by)))
    assert refused.value.code == "invalid_support_lines"


def test_a_country_cannot_be_there_twice(tmp_path: Path) -> None:
    country = FILE[FILE.index("[[countries]]") : FILE.index("[fallback]")]
    with pytest.raises(ConfigurationError, match="DE is there twice"):
        help_lines.check(written(tmp_path, FILE.replace("[fallback]", country + "[fallback]")))


def test_the_journal_does_not_start_with_a_file_that_is_wrong_or_missing(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path), support_lines=str(tmp_path / "nowhere.toml"))
    ports = LocalBackend(settings).ports
    with pytest.raises(ConfigurationError, match="nowhere"):
        Assembly(ports, settings)
    Assembly(ports, Settings(support="off", support_lines=settings.support_lines))
