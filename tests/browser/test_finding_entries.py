"""Finding entries by scrolling, filters, the calendar and search, with mouse or keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.samo import Samo

pytestmark = [pytest.mark.browser, pytest.mark.models]

GLAD = "I passed the exam! I am so proud and so happy, I danced in the kitchen."
ANGRY = "The landlord still has not fixed the heating and I am furious. Third email this week."
LONELY = "I cried on the way home. I feel so lonely since Lena moved away."
DAYS = {
    "2025-03-03T18:00:00Z": GLAD,
    "2025-03-04T18:00:00Z": ANGRY,
    "2025-03-05T07:00:00Z": LONELY,
    "2025-03-05T18:00:00Z": GLAD,
}


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samo]:
    """Four finished entries from one week in March 2025."""
    samo = Samo(tmp_path_factory.mktemp("finding") / "journal")
    for at, text in DAYS.items():
        samo.finished(samo.write(text, recorded_at=at, timezone="Europe/Berlin"))
    yield samo
    samo.stop()


@pytest.fixture(scope="module")
def long_journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samo]:
    samo = Samo(tmp_path_factory.mktemp("long") / "journal")
    for number in range(45):
        samo.write("A quiet day.", recorded_at=f"2024-01-{1 + number % 28:02}T{number % 24:02}:00:00Z")
    yield samo
    samo.stop()


def test_scrolling_loads_earlier_entries(long_journal: Samo, page: Page) -> None:
    page.goto(long_journal.address)
    items = page.locator(".item")
    expect(items).to_have_count(20)
    items.last.scroll_into_view_if_needed()
    expect(items).to_have_count(40)
    items.last.scroll_into_view_if_needed()
    expect(items).to_have_count(45)
    listed = [page.locator(".item").nth(index).get_attribute("id") for index in range(45)]
    assert len(set(listed)) == 45


def test_the_list_can_be_filtered_by_emotion(journal: Samo, page: Page) -> None:
    page.goto(journal.address)
    expect(page.locator(".item")).to_have_count(4)
    page.get_by_text("Filter", exact=True).click()
    page.get_by_role("button", name="annoyance", exact=True).click()
    expect(page.locator(".item")).to_have_count(1)
    expect(page.locator(".item")).to_contain_text("furious")
    assert "emotion=annoyance" in page.url
    expect(page.get_by_role("button", name="annoyance", exact=True)).to_be_focused()
    page.get_by_role("button", name="Remove filter: annoyance").click()
    expect(page.locator(".item")).to_have_count(4)


def test_the_list_can_be_filtered_by_day_and_going_back_removes_the_filter(journal: Samo, page: Page) -> None:
    page.goto(journal.address)
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("From", exact=True).fill("2025-03-05")
    expect(page.locator(".item")).to_have_count(2)
    page.get_by_label("To", exact=True).fill("2025-03-04")
    expect(page.get_by_text("No matching entries")).to_be_visible()
    page.go_back()
    expect(page.locator(".item")).to_have_count(2)


def test_a_day_shows_its_mood_by_color_line_and_text(journal: Samo, page: Page) -> None:
    page.goto(f"{journal.address}/#/calendar/2025-03")
    expect(page.get_by_role("heading", name="March 2025")).to_be_visible()
    glad = page.get_by_role("link", name=re.compile("Monday, 3 March 2025: 1 entry, (fairly )?positive"))
    heavy = page.get_by_role("link", name=re.compile("Tuesday, 4 March 2025: 1 entry, (fairly )?negative"))
    mixed = page.get_by_role("link", name=re.compile("Wednesday, 5 March 2025: 2 entries"))
    expect(mixed).to_be_visible()
    shade = "link => getComputedStyle(link).backgroundColor"
    line = "link => link.querySelector('.bow path').getAttribute('d')"
    assert glad.evaluate(shade) != heavy.evaluate(shade)
    assert glad.evaluate(line) != heavy.evaluate(line)
    assert page.locator(".day-cell a").count() == 3


def test_a_day_links_to_its_entries(journal: Samo, page: Page) -> None:
    page.goto(f"{journal.address}/#/calendar/2025-03")
    page.get_by_role("link", name=re.compile("Wednesday, 5 March 2025")).click()
    expect(page.locator(".item")).to_have_count(2)
    expect(page.get_by_role("list", name="Active filters")).to_contain_text("Wednesday, 5 March 2025")


def test_the_calendar_can_be_used_with_the_keyboard(journal: Samo, page: Page) -> None:
    page.goto(f"{journal.address}/#/calendar/2025-03")
    page.get_by_role("link", name=re.compile("Monday, 3 March 2025")).focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("link", name=re.compile("Tuesday, 4 March 2025"))).to_be_focused()
    expect(page.locator(".day-caption")).to_contain_text("Tuesday, 4 March 2025")
    page.get_by_role("link", name="Next month").click()
    expect(page.get_by_role("heading", name="April 2025")).to_be_visible()
    expect(page.get_by_text("No entries this month")).to_be_visible()


def test_entries_are_found_by_meaning(journal: Samo, page: Page) -> None:
    page.goto(f"{journal.address}/#/search")
    page.get_by_label("Search your entries").fill("somebody I miss")
    first = page.locator("#search .item").first
    expect(first).to_contain_text("lonely")
    expect(first).to_contain_text("5 March 2025")
    expect(first).to_contain_text("match")
    assert "q=somebody+I+miss" in page.url
    first.click()
    expect(page.locator(".prose")).to_contain_text("Lena")
    page.go_back()
    expect(page.get_by_label("Search your entries")).to_have_value("somebody I miss")
    expect(first).to_contain_text("lonely")


def test_a_failed_search_is_reported_and_can_be_retried(
    journal: Samo, page: Page, expected_errors: list[str]
) -> None:
    expected_errors.append("500")
    page.route("**/v1/search?*", lambda route: route.fulfill(status=500, json={"status": 500}), times=1)
    page.goto(f"{journal.address}/#/search?q=kitchen")
    expect(page.get_by_text("Search failed")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#search .item").first).to_be_visible()


def test_the_journal_can_be_used_with_the_keyboard_alone(journal: Samo, page: Page) -> None:
    page.goto(journal.address)
    items = page.locator(".item")
    expect(items).to_have_count(4)
    page.keyboard.press("j")
    expect(items.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("k")
    expect(items.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#entry-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_label("Search your entries")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Shortcuts")).to_be_visible()


def test_the_first_tab_stop_skips_the_list(journal: Samo, page: Page) -> None:
    page.goto(journal.address)
    expect(page.locator(".item")).to_have_count(4)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_an_entry_links_to_similar_ones(journal: Samo, page: Page) -> None:
    entry_id = journal.client.get("/v1/entries?limit=1").json()["entries"][0]["id"]
    page.goto(f"{journal.address}/#/entry/{entry_id}")
    section = page.get_by_role("region", name="Similar entries")
    expect(section.get_by_role("link").first).to_contain_text("exam")
    section.get_by_role("link").first.click()
    expect(page.locator("#entry-title")).to_contain_text("3 March 2025")
