"""Every state the page can be in, each by how one gets there: for pictures and for the accessibility scan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.diary import Diary
from tests.browser.guarded import Guarded
from tests.browser.samo import Samo

AGAIN_S = 45


class Places(NamedTuple):
    """A journal with a diary in it, whose owner signs in, and one on a laptop that is empty."""

    guarded: Guarded
    diary: Diary
    laptop: Samo


State = Callable[[Page, Places], None]
STATES: dict[str, State] = {}


def state(reach: State) -> State:
    STATES[reach.__name__.replace("_", "-")] = reach
    return reach


# -- how tests get somewhere


def enter(page: Page, places: Places, hash_: str = "#/") -> None:
    """Signed in, at a place of the full journal."""
    page.goto(f"{places.guarded.address}/{hash_}")
    places.guarded.sign_in(page)
    expect(page.locator("#sign-in")).to_be_hidden()


def show(page: Page, places: Places, entry_id: str) -> None:
    enter(page, places, f"#/entry/{entry_id}")
    expect(page.locator("#entry-title")).to_be_visible()


def refuse(
    page: Page, pattern: str, status: int, code: str, headers: Mapping[str, str] | None = None
) -> None:
    """The API's answer to whatever matches is a problem."""
    body = {"title": code.replace("_", " ").capitalize(), "status": status, "code": code, "detail": ""}
    page.route(pattern, lambda route: route.fulfill(status=status, json=body, headers={**(headers or {})}))


def changed(page: Page, places: Places, address: str, change: Callable[[Any], None]) -> None:
    """What is answered there, as it would be after `change`."""
    answer = places.guarded.samo.client.get(address).json()
    change(answer)
    page.route(f"**{address}", lambda route: route.fulfill(json=answer))


def away(context: BrowserContext, page: Page) -> None:
    """Without a network."""
    context.set_offline(True)
    expect(page.locator("#network")).to_contain_text("You are offline")


# -- coming in


@state
def sign_in(page: Page, places: Places) -> None:
    page.goto(places.guarded.address)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@state
def sign_in_refused(page: Page, places: Places) -> None:
    page.goto(places.guarded.address)
    places.guarded.sign_in(page, password="wrong horse")
    expect(page.get_by_role("alert")).to_contain_text("incorrect")


@state
def sign_up(page: Page, places: Places) -> None:
    page.goto(places.guarded.address)
    page.get_by_role("button", name="Create an account").click()


@state
def session_over(page: Page, places: Places) -> None:
    enter(page, places)
    places.guarded.issuer.password_users.forget_sessions()
    refuse(page, "**/v1/**", 401, "unauthenticated")
    page.get_by_label("or write").fill("Half a thought")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#sign-in")).to_contain_text("Your session has expired")


@state
def consent(page: Page, places: Places) -> None:
    enter(page, places)

    changed(page, places, "/v1/me", lambda account: account.update(required_consent="2026-03"))
    page.goto(f"{places.guarded.address}/#/consent")
    expect(page.get_by_role("button", name="I agree")).to_be_visible()


@state
def server_down(page: Page, places: Places) -> None:
    page.route("**/page/config.json", lambda route: route.abort())
    page.goto(places.laptop.address)
    expect(page.get_by_text("The journal is not responding").first).to_be_visible()


# -- the journal


@state
def home_empty(page: Page, places: Places) -> None:
    page.goto(places.laptop.address)
    expect(page.get_by_text("Nothing here yet")).to_be_visible()


@state
def home(page: Page, places: Places) -> None:
    enter(page, places)
    expect(page.locator(".item").first).to_be_visible()


@state
def filters(page: Page, places: Places) -> None:
    home(page, places)
    page.get_by_text("Filter", exact=True).click()
    expect(page.get_by_role("group", name="Emotion")).to_be_visible()


@state
def filtered(page: Page, places: Places) -> None:
    enter(page, places, "#/?emotion=joy")
    expect(page.locator(".item").first).to_be_visible()


@state
def filtered_to_nothing(page: Page, places: Places) -> None:
    enter(page, places, "#/?emotion=joy&from=2020-01-01&to=2020-01-02")
    expect(page.get_by_text("No matching entries")).to_be_visible()


@state
def offline(page: Page, places: Places) -> None:
    home(page, places)
    away(page.context, page)


@state
def list_unreadable(page: Page, places: Places) -> None:
    page.route("**/v1/entries?*", lambda route: route.abort())
    page.goto(places.laptop.address)
    expect(page.locator(".outage")).to_be_visible()


@state
def shortcuts(page: Page, places: Places) -> None:
    home(page, places)
    page.locator("#main").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


# -- making


@state
def recording(page: Page, places: Places) -> None:
    page.goto(places.laptop.address)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#elapsed")).to_have_text("0:04")


@state
def microphone_refused(page: Page, places: Places) -> None:
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))"
    )
    page.goto(places.laptop.address)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Allow it")


@state
def too_many_entries(page: Page, places: Places) -> None:
    home(page, places)
    refuse(page, "**/v1/entries", 429, "quota_exceeded", {"Retry-After": str(AGAIN_S)})
    page.get_by_label("or write").fill("Just one more thing.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#write-problem")).to_contain_text("Try again in")


@state
def consent_wanted(page: Page, places: Places) -> None:
    home(page, places)
    refuse(page, "**/v1/entries", 403, "consent_required")
    page.get_by_label("or write").fill("The first thing I want to say.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="Read and agree")).to_be_visible()


@state
def upload_refused(page: Page, places: Places) -> None:
    home(page, places)
    picture = {"name": "cat.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(64)}
    page.get_by_label("Choose a recording").set_input_files(picture)  # type: ignore[arg-type]
    expect(page.locator("#uploads li")).to_contain_text("cannot be decoded")


@state
def upload_too_large(page: Page, places: Places) -> None:
    home(page, places)
    refuse(page, "**/v1/entries?recorded_at=*", 413, "payload_too_large")
    file = {
        "name": "a-very-long-interview-with-grandfather.wav",
        "mimeType": "audio/wav",
        "buffer": bytes(64),
    }
    page.get_by_label("Choose a recording").set_input_files(file)  # type: ignore[arg-type]
    expect(page.locator("#uploads li")).to_contain_text("smaller file")


# -- one entry


@state
def entry_spoken(page: Page, places: Places) -> None:
    show(page, places, places.diary.spoken)
    expect(page.locator(".sentence").first).to_be_visible()


@state
def entry_playing(page: Page, places: Places) -> None:
    entry_spoken(page, places)
    page.locator("button.sentence").nth(2).click()
    expect(page.locator("li.current")).to_have_count(1)


@state
def entry_written(page: Page, places: Places) -> None:
    show(page, places, places.diary.written)


@state
def entry_feedback(page: Page, places: Places) -> None:
    show(page, places, places.diary.written)
    page.get_by_role("button", name="Is this right?").click()
    expect(page.locator(".feedback").first).to_be_visible()


@state
def entry_edited(page: Page, places: Places) -> None:
    show(page, places, places.diary.written)
    page.get_by_role("button", name="Edit text").click()


@state
def entry_deleted(page: Page, places: Places) -> None:
    show(page, places, places.diary.written)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_be_visible()


@state
def entry_under_way(page: Page, places: Places) -> None:
    def unfinished(entry: Any) -> None:
        entry["status"] = "processing"
        entry["transcript"] = None
        entry["insight"].update(emotions=[], feelings=[], topics=[], arc=None, summary=None, sentiment=None)
        entry["stages"][0].update(state="running", progress=0.4)
        for stage in entry["stages"][1:]:
            stage.update(state="pending", engine=None)

    page.route("**/events", lambda route: route.fulfill(status=503, json={"code": "too_many_streams"}))
    changed(page, places, f"/v1/entries/{places.diary.spoken}", unfinished)
    show(page, places, places.diary.spoken)


@state
def entry_failed(page: Page, places: Places) -> None:
    def failed(entry: Any) -> None:
        entry["status"] = "failed"
        entry["transcript"] = None
        entry["insight"].update(emotions=[], feelings=[], topics=[], arc=None, summary=None, sentiment=None)
        error = {"code": "crashed", "message": "the work broke off"}
        entry["stages"][0].update(state="failed", error=error)
        for stage in entry["stages"][1:]:
            stage.update(state="skipped", engine=None)

    changed(page, places, f"/v1/entries/{places.diary.spoken}", failed)
    show(page, places, places.diary.spoken)


@state
def entry_without_speech(page: Page, places: Places) -> None:
    def silent(entry: Any) -> None:
        entry["transcript"] = {"text": "", "segments": []}
        entry["insight"].update(emotions=[], feelings=[], topics=[], arc=None, summary=None, sentiment=None)
        entry["insight"]["empty_reason"] = "no_speech"

    changed(page, places, f"/v1/entries/{places.diary.spoken}", silent)
    show(page, places, places.diary.spoken)


@state
def entry_in_german(page: Page, places: Places) -> None:
    show(page, places, places.diary.foreign)


@state
def entry_missing(page: Page, places: Places) -> None:
    enter(page, places, "#/entry/0123456789abcdef")
    expect(page.get_by_role("heading", name="Entry not found")).to_be_visible()


@state
def entry_offline(page: Page, places: Places) -> None:
    entry_spoken(page, places)
    away(page.context, page)
    page.evaluate(f"location.hash = '#/entry/{places.diary.foreign}'")
    page.evaluate(f"location.hash = '#/entry/{places.diary.spoken}'")
    expect(page.get_by_text("Offline copy")).to_be_visible()


# -- the other rooms


@state
def calendar(page: Page, places: Places) -> None:
    enter(page, places, "#/calendar")
    expect(page.locator(".day-cell a").first).to_be_visible()


@state
def calendar_empty(page: Page, places: Places) -> None:
    enter(page, places, "#/calendar/2020-02")
    expect(page.get_by_text("No entries this month")).to_be_visible()


@state
def search(page: Page, places: Places) -> None:
    enter(page, places, "#/search")
    expect(page.locator("#query")).to_be_visible()


@state
def search_found(page: Page, places: Places) -> None:
    enter(page, places, "#/search?q=missing%20somebody")
    expect(page.locator("#search .item").first).to_be_visible()


@state
def search_failed(page: Page, places: Places) -> None:
    refuse(page, "**/v1/search?*", 500, "internal_error")
    enter(page, places, "#/search?q=missing%20somebody")
    expect(page.get_by_text("Search failed")).to_be_visible()


@state
def settings(page: Page, places: Places) -> None:
    enter(page, places, "#/settings")
    expect(page.get_by_role("heading", name="API keys")).to_be_visible()


@state
def settings_on_a_laptop(page: Page, places: Places) -> None:
    page.goto(f"{places.laptop.address}/#/settings")
    expect(page.get_by_role("heading", name="Preferences")).to_be_visible()


@state
def key_made(page: Page, places: Places) -> None:
    settings(page, places)
    page.get_by_text("Create an API key").first.click()
    page.get_by_role("textbox", name="Name").fill("backup at home")
    page.get_by_role("button", name="Create key").click()
    expect(page.get_by_label("Secret of backup at home")).to_be_visible()
    page.locator(".secret").scroll_into_view_if_needed()


@state
def export_ready(page: Page, places: Places) -> None:
    settings(page, places)
    page.get_by_role("button", name="Export everything").click()
    expect(page.get_by_text("Your export is ready")).to_be_visible()


@state
def leaving(page: Page, places: Places) -> None:
    settings(page, places)
    page.get_by_text("Delete my account").click()
    page.locator(".delete-account").scroll_into_view_if_needed()
