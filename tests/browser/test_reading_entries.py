"""Reading an entry: its arc, playback, text and labels; editing and deleting it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import Route as BrowserRoute

from tests.browser.samo import Samo, StartSamo

pytestmark = [pytest.mark.browser, pytest.mark.models]

PLAYS_FROM = (
    "start => { const { currentTime, paused } = document.querySelector('audio');"
    " return !paused && currentTime >= start - 0.05 && currentTime < start + 2 }"
)


def read(samo: Samo, entry_id: str) -> Any:
    return httpx.get(f"{samo.address}/v1/entries/{entry_id}").json()


def show(samo: Samo, page: Page, entry_id: str) -> None:
    page.goto(f"{samo.address}/#/entry/{entry_id}")
    expect(page.locator("#entry-title")).to_be_visible()


def test_the_arc_has_one_dot_per_sentence_which_plays_it(samo: Samo, page: Page, spoken: str) -> None:
    points = read(samo, spoken)["insight"]["arc"]
    show(samo, page, spoken)
    dots = page.locator(".arc .dot")
    expect(dots).to_have_count(len(points))
    expect(page.locator(".sentence")).to_have_count(len(points))
    dots.nth(2).click()
    page.wait_for_function(PLAYS_FROM, arg=points[2]["start"])
    expect(page.locator("li.current")).to_have_attribute("data-segment", "2")


def test_clicking_a_sentence_or_quote_plays_it(samo: Samo, page: Page, spoken: str) -> None:
    entry = read(samo, spoken)
    show(samo, page, spoken)
    page.locator("button.sentence").nth(1).click()
    page.wait_for_function(PLAYS_FROM, arg=entry["insight"]["arc"][1]["start"])
    page.locator("button.quote").first.click()
    page.wait_for_function(PLAYS_FROM, arg=entry["insight"]["summary"]["quotes"][0]["start"])


def test_the_arc_can_be_used_with_the_keyboard(samo: Samo, page: Page, spoken: str) -> None:
    points = read(samo, spoken)["insight"]["arc"]
    show(samo, page, spoken)
    page.locator(".dot").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".dot").nth(1)).to_be_focused()
    expect(page.locator(".caption-text")).to_have_text(
        read(samo, spoken)["transcript"]["segments"][1]["text"]
    )
    page.keyboard.press("Enter")
    page.wait_for_function(PLAYS_FROM, arg=points[1]["start"])


def test_a_listed_entry_opens_at_its_own_address(samo: Samo, page: Page, spoken: str) -> None:
    page.goto(samo.address)
    item = page.locator(f"#item-{spoken}")
    expect(item).to_contain_text("spoken · 44 s")
    item.click()
    expect(page.locator("#entry-title")).to_be_focused()
    assert page.url.endswith(f"#/entry/{spoken}")
    expect(item).to_have_attribute("aria-current", "page")
    page.reload()
    expect(page.locator(".sentence").first).to_be_visible()


def test_feelings_and_topics_are_shown(samo: Samo, page: Page) -> None:
    entry_id = samo.write("I am glad about the train.")
    samo.finished(entry_id)

    def add_feelings_and_topics(route: BrowserRoute) -> None:
        response = route.fetch()
        entry = response.json()
        entry["insight"]["feelings"] = [{"label": "happy", "confidence": 0.9}]
        entry["insight"]["topics"] = [{"label": label, "confidence": 0.8} for label in ("family", "work")]
        route.fulfill(response=response, json=entry)

    page.route(f"**/v1/entries/{entry_id}", add_feelings_and_topics)
    show(samo, page, entry_id)
    expect(page.get_by_role("list", name="Feelings").get_by_role("listitem")).to_have_text(["happy"])
    expect(page.get_by_role("list", name="Topics").get_by_role("listitem")).to_have_text(["family", "work"])


def test_a_link_to_an_unknown_entry_is_reported(samo: Samo, page: Page, expected_errors: list[str]) -> None:
    expected_errors.append("404")
    page.goto(f"{samo.address}/#/entry/0123456789abcdef")
    expect(page.get_by_role("heading", name="Entry not found")).to_be_visible()


def test_text_can_be_edited_and_is_analyzed_again(samo: Samo, page: Page) -> None:
    entry_id = samo.write("I am glad about the tren.")
    samo.finished(entry_id)
    show(samo, page, entry_id)
    page.get_by_role("button", name="Edit text").click()
    page.get_by_label("Edit text").fill("I am glad about the train. It was on time.")
    page.locator("#entry").get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".arc .dot")).to_have_count(2)
    expect(page.locator(".prose")).to_contain_text("about the train.")
    assert read(samo, entry_id)["revision"] == 2


def test_deleting_an_entry_removes_its_recording_and_its_list_item(
    samo: Samo, page: Page, recordings: Any
) -> None:
    entry_id = samo.record(recordings / "beckett.wav")
    samo.finished(entry_id)
    show(samo, page, entry_id)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Cancel").click()
    assert read(samo, entry_id)["id"] == entry_id
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()
    expect(page.locator(f"#item-{entry_id}")).to_have_count(0)
    for path in ("", "/audio"):
        assert httpx.get(f"{samo.address}/v1/entries/{entry_id}{path}").status_code == 404


def test_an_unsupported_language_is_explained(samo: Samo, page: Page) -> None:
    german = samo.write("Heute war ein wirklich schöner Tag, wir sind lange im Wald spazieren gegangen.")
    samo.finished(german)
    show(samo, page, german)
    expect(page.get_by_text("Only English is supported so far")).to_be_visible()
    expect(page.locator(".prose")).to_contain_text("im Wald")


def test_nothing_is_wider_than_a_phone_screen(samo: Samo, page: Page, spoken: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    wordy = samo.write("I am happy. " + "so" * 200 + " happy, and https://example.org/" + "a" * 200)
    samo.finished(wordy)
    for place in ("", f"#/entry/{spoken}", f"#/entry/{wordy}"):
        page.goto(f"{samo.address}/{place}")
        expect(page.locator("#entry-title" if place else ".item").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_the_page_recovers_when_the_server_returns(
    start_samo: StartSamo, page: Page, expected_errors: list[str]
) -> None:
    expected_errors.append("ERR_CONNECTION_REFUSED")
    samo = start_samo()
    page.goto(samo.address)
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    samo.stop()
    page.get_by_label("or write").fill("Is anybody there?")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#write-problem")).to_contain_text("Your text is still here.")
    expect(page.locator(".outage")).to_contain_text("Retrying automatically.")
    start_samo(samo.port)
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    expect(page.locator(".outage")).to_have_count(0)
    expect(page.get_by_label("or write")).to_have_value("Is anybody there?")
