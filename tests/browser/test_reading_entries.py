"""Reading an entry: its arc, playback, text and labels; editing and deleting it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import Route as BrowserRoute

from tests.browser.long_day import A_LONG_DAY
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


def modify_entry(page: Page, entry_id: str, change: Callable[[Any], None]) -> None:
    """Apply `change` to the entry as the page receives it."""

    def modify(route: BrowserRoute) -> None:
        response = route.fetch()
        entry = response.json()
        change(entry)
        route.fulfill(response=response, json=entry)

    page.route(f"**/v1/entries/{entry_id}", modify)


def claim(kind: str, label: str, *segments: int) -> dict[str, Any]:
    return {"kind": kind, "label": label, "strength": None, "segments": segments}


def test_feelings_and_topics_are_shown(samo: Samo, page: Page) -> None:
    entry_id = samo.write("I am glad about the train.")
    samo.finished(entry_id)

    def add_feelings_and_topics(entry: Any) -> None:
        entry["insight"]["feelings"] = [{"label": "happy", "confidence": 0.9}]
        entry["insight"]["topics"] = [{"label": label, "confidence": 0.8} for label in ("family", "work")]
        emotions = [one for one in entry["insight"]["claims"] if one["kind"] == "emotion"]
        labels = [claim("feeling", "happy", 0), claim("topic", "family"), claim("topic", "work")]
        entry["insight"]["claims"] = [*emotions, *labels]

    modify_entry(page, entry_id, add_feelings_and_topics)
    show(samo, page, entry_id)
    expect(page.get_by_role("list", name="Feelings").get_by_role("listitem")).to_have_text(["happy"])
    expect(page.get_by_role("list", name="Topics").get_by_role("listitem")).to_have_text(["family", "work"])


def test_emotions_have_words_and_no_percentages(samo: Samo, page: Page) -> None:
    entry_id = samo.write("I passed the exam! I am so proud and so happy, I danced in the kitchen.")
    samo.finished(entry_id)
    claims = read(samo, entry_id)["insight"]["claims"]
    emotions = [one for one in claims if one["kind"] == "emotion"]
    assert 1 <= len(emotions) <= 4
    show(samo, page, entry_id)
    rows = page.locator(".strengths > li")
    expect(rows).to_have_count(len(emotions))
    for index, one in enumerate(emotions):
        expect(rows.nth(index)).to_contain_text(one["label"])
        expect(rows.nth(index)).to_contain_text(one["strength"])
    expect(page.locator("#entry")).not_to_contain_text("%")


def test_a_claim_opens_the_sentences_it_rests_on_which_play(samo: Samo, page: Page, spoken: str) -> None:
    entry = read(samo, spoken)
    supported = claim("emotion", "joy", 1, 2) | {"strength": "strongly"}
    modify_entry(page, spoken, lambda entry: entry["insight"].update(claims=[supported]))
    show(samo, page, spoken)
    control = page.locator(".emotion-claim")
    control.focus()
    page.keyboard.press("Enter")
    expect(control).to_have_attribute("aria-expanded", "true")
    panel = page.get_by_role("group", name=f"Why {supported['label']}")
    sentences = [entry["transcript"]["segments"][segment] for segment in supported["segments"]]
    expect(panel.locator("q")).to_have_text([sentence["text"] for sentence in sentences])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function(PLAYS_FROM, arg=sentences[0]["start"])


def test_a_claim_that_no_sentence_supports_says_so_and_only_one_is_open(samo: Samo, page: Page) -> None:
    entry_id = samo.write("I am glad about the train. It was on time.")
    samo.finished(entry_id)
    modify_entry(
        page,
        entry_id,
        lambda entry: entry["insight"].update(claims=[claim("topic", "sleep"), claim("feeling", "happy", 1)]),
    )
    show(samo, page, entry_id)
    page.get_by_role("button", name="sleep").click()
    expect(page.get_by_role("group", name="Why sleep")).to_contain_text("from the entry as a whole")
    page.get_by_role("button", name="happy").click()
    expect(page.get_by_role("group", name="Why sleep")).to_be_hidden()
    page.get_by_role("group", name="Why happy").get_by_role("button").click()
    expect(page.locator(".written.current")).to_contain_text("It was on time.")
    page.get_by_role("button", name="happy").click()
    expect(page.get_by_role("group", name="Why happy")).to_be_hidden()


def test_what_is_hard_to_tell_is_said_in_the_entry_and_in_the_list(samo: Samo, page: Page) -> None:
    entry_id = samo.write("I am glad about the train, and furious about the bus.")
    samo.finished(entry_id)

    def uncertain(entry: Any) -> None:
        entry["insight"]["certain"] = False
        entry["insight"]["claims"] = [claim("emotion", "joy", 0), claim("emotion", "anger", 0)]

    def uncertain_in_list(route: BrowserRoute) -> None:
        response = route.fetch()
        listed = response.json()
        for entry in listed["entries"]:
            if entry["id"] == entry_id:
                entry["insight"]["certain"] = False
        route.fulfill(response=response, json=listed)

    modify_entry(page, entry_id, uncertain)
    page.route("**/v1/entries?*", uncertain_in_list)
    show(samo, page, entry_id)
    expect(page.locator("#entry-emotions")).to_contain_text("Hard to tell.")
    expect(page.locator(".strength")).to_have_count(0)
    expect(page.locator(f"#item-{entry_id}")).to_contain_text("hard to tell")


def test_a_long_entry_has_a_smooth_arc_whose_turning_points_open_their_sentences(
    samo: Samo, page: Page
) -> None:
    entry_id = samo.write(A_LONG_DAY)
    samo.finished(entry_id)
    sentences = read(samo, entry_id)["transcript"]["segments"]
    show(samo, page, entry_id)
    dots = page.locator(".arc .dot")
    expect(dots.first).to_be_visible()
    assert 3 <= dots.count() <= 7 < len(sentences)
    dots.first.focus()
    page.keyboard.press("ArrowRight")
    expect(dots.nth(1)).to_be_focused()
    expect(page.locator(".caption-head strong")).to_contain_text("point")
    quotes = page.locator(".caption-quotes .quote")
    assert 1 <= quotes.count() <= 3
    page.keyboard.press("Enter")
    expect(quotes.first).to_be_focused()
    text = quotes.first.inner_text()
    page.keyboard.press("Enter")
    expect(page.locator(".written.current")).to_contain_text(text)
    expect(quotes.first).to_be_focused()


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


def test_a_corrected_word_leaves_the_sentences_linked_to_the_recording(
    samo: Samo, page: Page, recordings: Any
) -> None:
    entry_id = samo.record(recordings / "two_cities.wav")
    samo.finished(entry_id)
    segments = read(samo, entry_id)["transcript"]["segments"]
    show(samo, page, entry_id)
    page.get_by_role("button", name="Edit text").click()
    field = page.get_by_label("Edit text")
    expect(page.locator("#entry .editor")).to_contain_text("Sentences stay linked to the recording.")
    changed = segments[0]["text"].replace(" ", " surely ", 1)
    field.fill(field.input_value().replace(segments[0]["text"], changed))
    page.locator("#entry").get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".sentence-text").first).to_have_text(changed)
    expect(page.locator(".arc .dot")).to_have_count(len(segments))
    page.locator("button.sentence").nth(2).click()
    page.wait_for_function(PLAYS_FROM, arg=segments[2]["start"])


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
    expect(page.get_by_text("German is not analysed yet")).to_be_visible()
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
