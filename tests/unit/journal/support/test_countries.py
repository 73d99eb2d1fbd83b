"""Countries of time zones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from functions.journal.support.countries import codes, country_of

PAGE = Path(__file__).parents[4] / "functions" / "journal" / "page"


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Europe/Dublin", "IE"),
        ("Europe/Amsterdam", "NL"),  # shares its clock with Brussels
        ("America/Toronto", "CA"),
        ("Asia/Calcutta", "IN"),  # Chromium's name of Asia/Kolkata
        ("America/Buenos_Aires", "AR"),
    ],
)
def test_a_time_zone_has_the_country_it_is_used_in(zone: str, country: str) -> None:
    assert country_of(zone) == country


@pytest.mark.parametrize("zone", ["UTC", "Etc/GMT-3", "EST", "Nowhere/Else", ""])
def test_a_time_zone_without_a_country_has_none(zone: str) -> None:
    assert country_of(zone) is None


def test_a_former_name_that_could_be_in_several_countries_has_none() -> None:
    assert country_of("Africa/Asmera") is None, "it is in Eritrea, and links to a zone in Kenya"


def test_the_page_offers_every_country() -> None:
    (listed,) = re.findall(r"CODES = `(.*?)`", (PAGE / "common" / "countries.js").read_text(), re.DOTALL)
    assert sorted(listed.split()) == sorted(codes())
