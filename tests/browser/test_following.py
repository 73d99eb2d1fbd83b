"""Following an entry's progress over event streams that end, fall silent or are rejected."""

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
    id_line = f"id: {id_}\n" if id_ else ""
    return f"event: {kind}\n{id_line}data: {json.dumps(data)}\n\n"


def test_an_interrupted_stream_resumes_after_the_last_event(samo: Samo, page: Page) -> None:
    entry_id = samo.write("I am glad about the train.")
    entry = samo.finished(entry_id)
    without_summary = {**entry["insight"], "summary": None}  # type: ignore[dict-item]
    unfinished = {**entry, "status": "processing", "insight": without_summary}
    last_event_ids: list[str | None] = []

    def stream(route: BrowserRoute) -> None:
        last = route.request.headers.get("last-event-id")
        last_event_ids.append(last)
        first = event("entry", unfinished, "one") + event("cut", {})
        body = first if last is None else event("entry", entry, "two") + event("end", {})
        route.fulfill(status=200, content_type="text/event-stream", body=body)

    page.route(f"**/v1/entries/{entry_id}", lambda route: route.fulfill(json=unfinished))
    page.route(f"**/v1/entries/{entry_id}/events", stream)
    page.goto(f"{samo.address}/#/entry/{entry_id}")
    expect(page.locator("#entry-stages")).to_be_hidden()
    expect(page.locator("#entry-summary")).to_be_visible()
    assert last_event_ids == [None, "one"]


def test_a_silent_stream_is_reopened(samo: Samo, page: Page, recordings: Path) -> None:
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


def test_an_entry_is_followed_even_if_there_are_too_many_streams(
    samo: Samo, page: Page, expected_errors: list[str], recordings: Path
) -> None:
    expected_errors.append("503")
    page.route("**/events", lambda route: route.fulfill(status=503, json={"code": "too_many_streams"}))
    page.goto(samo.address)
    page.get_by_label("Choose a recording").set_input_files(recordings / "beckett.wav")
    assert_beckett(page)


def test_a_deleted_entry_is_removed_from_the_page(samo: Samo, page: Page) -> None:
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


def test_a_rate_limited_user_sees_when_to_try_again(
    samo: Samo, page: Page, expected_errors: list[str]
) -> None:
    expected_errors.append("429")
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
