"""Progress as it comes, whatever happens to the connection."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import Route as BrowserRoute

from tests.browser.network import proxied
from tests.browser.samo import Samo
from tests.browser.test_making_entries import assert_beckett

pytestmark = [pytest.mark.browser, pytest.mark.models]


def event(kind: str, data: object, id_: str = "") -> str:
    named = f"id: {id_}\n" if id_ else ""
    return f"event: {kind}\n{named}data: {json.dumps(data)}\n\n"


def test_a_stream_that_is_cut_goes_on_where_it_was(samo: Samo, page: Page) -> None:
    entry_id = samo.write("I am glad about the train.")
    entry = samo.finished(entry_id)
    unread = {**entry["insight"], "summary": None}  # type: ignore[dict-item]
    unfinished = {**entry, "status": "processing", "insight": unread}
    seen: list[str | None] = []

    def stream(route: BrowserRoute) -> None:
        last = route.request.headers.get("last-event-id")
        seen.append(last)
        first = event("entry", unfinished, "one") + event("cut", {})
        body = first if last is None else event("entry", entry, "two") + event("end", {})
        route.fulfill(status=200, content_type="text/event-stream", body=body)

    page.route(f"**/v1/entries/{entry_id}", lambda route: route.fulfill(json=unfinished))
    page.route(f"**/v1/entries/{entry_id}/events", stream)
    page.goto(f"{samo.address}/#/entry/{entry_id}")
    expect(page.locator("#entry-stages")).to_be_hidden()
    expect(page.locator("#entry-summary")).to_be_visible()
    assert seen == [None, "one"]


def test_a_silent_stream_is_noticed_and_opened_again(samo: Samo, page: Page, recordings: Path) -> None:
    recording = (recordings / "beckett.wav").read_bytes()
    opening = {"size": len(recording), "content_type": "audio/wav"}
    session = samo.client.post("/v1/uploads", json=opening).json()
    with proxied(samo.port) as proxy:
        page.clock.install()
        with page.expect_response("**/events"):
            page.goto(f"{proxy.address}/#/entry/{session['entry']['id']}")
        expect(page.get_by_text("The recording has not arrived yet")).to_be_visible()
        proxy.silence_streams()
        samo.client.put(session["url"], content=recording, headers=session["headers"])
        assert samo.finished(session["entry"]["id"])["status"] == "ready"
        expect(page.get_by_text("The recording has not arrived yet")).to_be_visible()
        page.clock.fast_forward(50_000)
        assert_beckett(page)
        assert proxy.streams == 2


def test_too_many_streams_are_no_reason_not_to_hear_of_it(
    samo: Samo, page: Page, expected: list[str], recordings: Path
) -> None:
    expected.append("503")
    page.route("**/events", lambda route: route.fulfill(status=503, json={"code": "too_many_streams"}))
    page.goto(samo.address)
    page.get_by_label("Choose a recording").set_input_files(recordings / "beckett.wav")
    assert_beckett(page)


def test_an_entry_that_is_deleted_meanwhile_leaves_the_page(samo: Samo, page: Page) -> None:
    entry_id = samo.write("I am glad about the bus.")
    entry = samo.finished(entry_id)
    body = event("deleted", {})
    page.route(
        f"**/v1/entries/{entry_id}", lambda route: route.fulfill(json={**entry, "status": "processing"})
    )
    page.route(
        f"**/v1/entries/{entry_id}/events",
        lambda route: route.fulfill(status=200, content_type="text/event-stream", body=body),
    )
    page.goto(f"{samo.address}/#/entry/{entry_id}")
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()


def test_who_asks_too_often_is_told_when_to_try_again(samo: Samo, page: Page, expected: list[str]) -> None:
    expected.append("429")
    problem = {"status": 429, "code": "quota_exceeded", "title": "Quota exceeded"}
    page.route(
        "**/v1/entries", lambda route: route.fulfill(status=429, json=problem, headers={"Retry-After": "40"})
    )
    page.goto(samo.address)
    page.get_by_label("or write").fill("One more.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#write-problem")).to_contain_text(
        "Try again in 40 seconds. Your text is still here."
    )
