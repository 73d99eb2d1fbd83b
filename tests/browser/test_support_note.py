"""The support note on the page. The journal's tiny reader offers support where a sentence is "hopeless"."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.samo import Samo, StartSamo
from tests.support.tiny_reader import write_reader

pytestmark = [pytest.mark.browser, pytest.mark.models]

TEXT = "I sat at home for the whole evening. Hopeless hopeless hopeless. Happy happy happy."
SCORES = ".strengths, .correct-toggle, .arc, .tag, .emotion-note, .tone, .chips"


@pytest.fixture
def samo(start_samo: StartSamo, tmp_path: Path) -> Samo:
    return start_samo(SAMO_ENTRY_MODEL=str(write_reader(tmp_path / "tiny-reader")))


def write(samo: Samo, timezone: str = "Europe/London") -> str:
    entry_id = samo.write(TEXT, timezone=timezone)
    assert samo.finished(entry_id)["support"]
    return entry_id


def show(samo: Samo, page: Page, entry_id: str) -> None:
    page.goto(f"{samo.address}/#/entry/{entry_id}")
    expect(page.locator("#entry-title")).to_be_visible()


def test_the_note_takes_the_place_of_every_score(samo: Samo, page: Page) -> None:
    show(samo, page, write(samo))
    note = page.get_by_role("region", name="If you\u2019d like to talk to someone")
    expect(note).to_contain_text("What you wrote sounds hard to carry.")
    expect(note).to_contain_text("Country: United Kingdom.")
    expect(note.get_by_role("link", name="116 123")).to_have_attribute("href", "tel:116123")
    expect(note.get_by_role("link", name="999")).to_have_attribute("href", "tel:999")
    expect(page.locator(".prose")).to_contain_text("I sat at home for the whole evening.")
    expect(page.locator("#entry-summary")).to_be_visible()
    expect(page.locator(SCORES)).to_have_count(0)
    page.goto(f"{samo.address}/#/calendar")
    expect(page.locator(".day-cell.no-mood a")).to_have_count(1)


def test_a_note_can_be_dismissed_for_good_and_brought_back(samo: Samo, page: Page) -> None:
    entry_id, other = write(samo), write(samo)
    show(samo, page, entry_id)
    page.get_by_role("button", name="Show my insight anyway").click()
    expect(page.locator("#entry-emotions .strengths")).to_be_visible()
    expect(page.locator(".arc .dot").first).to_be_visible()
    expect(page.locator(f"#item-{entry_id} .tag")).to_have_count(1)
    expect(page.locator(f"#item-{other} .tag")).to_have_count(0)
    expect(page.locator("#entry-title")).to_be_focused()
    page.reload()
    expect(page.locator("#entry-emotions .strengths")).to_be_visible()
    page.get_by_role("button", name="Show the help lines again").click()
    expect(page.get_by_role("link", name="116 123")).to_be_visible()
    expect(page.locator("#entry").locator(SCORES)).to_have_count(0)


def test_the_lines_follow_the_country_in_the_settings(samo: Samo, page: Page) -> None:
    show(samo, page, write(samo, timezone="UTC"))
    expect(page.get_by_role("link", name="Find A Helpline")).to_have_attribute("rel", "noopener noreferrer")
    page.get_by_role("link", name="Choose your country").click()
    page.get_by_label("Country, for help lines").select_option("New Zealand")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="1737")).to_have_attribute("href", "tel:1737")
    expect(page.locator("#entry-support")).to_contain_text("Text: HELP to 4357")
