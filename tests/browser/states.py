"""Every state of the page, as a function that reaches it, for screenshots and accessibility scans."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
from playwright.sync_api import BrowserContext, Page, expect

from functions.journal.support.notes import SupportNote, make_note
from functions.shared.runtime.settings import Settings
from tests.browser.accounts import JournalWithAccounts
from tests.browser.diary import Diary
from tests.browser.samo import Samo

RETRY_AFTER_S = 45


class Journals(NamedTuple):
    """A filled journal with accounts, and an empty one without."""

    with_accounts: JournalWithAccounts
    diary: Diary
    without_accounts: Samo


State = Callable[[Page, Journals], None]
STATES: dict[str, State] = {}


def state(function: State) -> State:
    """Register a function that brings the page into a state."""
    STATES[function.__name__.replace("_", "-")] = function
    return function


# -- helpers


def enter(page: Page, journals: Journals, hash_: str = "#/") -> None:
    """Sign in to the filled journal and open an address."""
    page.goto(f"{journals.with_accounts.address}/{hash_}")
    journals.with_accounts.sign_in(page)
    expect(page.locator("#sign-in")).to_be_hidden()


def show(page: Page, journals: Journals, entry_id: str) -> None:
    enter(page, journals, f"#/entry/{entry_id}")
    expect(page.locator("#entry-title")).to_be_visible()


def reject(
    page: Page, pattern: str, status: int, code: str, headers: Mapping[str, str] | None = None
) -> None:
    """Respond to matching requests with a problem document."""
    body = {"title": code.replace("_", " ").capitalize(), "status": status, "code": code, "detail": ""}
    page.route(pattern, lambda route: route.fulfill(status=status, json=body, headers={**(headers or {})}))


def modify_response(page: Page, journals: Journals, address: str, change: Callable[[Any], None]) -> None:
    """Apply `change` to the response of an address."""
    response = journals.with_accounts.samo.client.get(address).json()
    change(response)
    page.route(f"**{address}", lambda route: route.fulfill(json=response))


def go_offline(context: BrowserContext, page: Page) -> None:
    """Disconnect the page from the network."""
    context.set_offline(True)
    expect(page.locator("#network")).to_contain_text("You are offline")


# -- signing in


@state
def sign_in(page: Page, journals: Journals) -> None:
    page.goto(journals.with_accounts.address)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@state
def sign_in_rejected(page: Page, journals: Journals) -> None:
    page.goto(journals.with_accounts.address)
    journals.with_accounts.sign_in(page, password="wrong horse")
    expect(page.get_by_role("alert")).to_contain_text("incorrect")


@state
def sign_up(page: Page, journals: Journals) -> None:
    page.goto(journals.with_accounts.address)
    page.get_by_role("button", name="Create an account").click()


@state
def session_expired(page: Page, journals: Journals) -> None:
    enter(page, journals)
    journals.with_accounts.issuer.password_users.forget_sessions()
    reject(page, "**/v1/**", 401, "unauthenticated")
    page.get_by_label("or write").fill("Half a thought")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#sign-in")).to_contain_text("Your session has expired")


@state
def consent(page: Page, journals: Journals) -> None:
    enter(page, journals)

    modify_response(page, journals, "/v1/me", lambda account: account.update(required_consent="2026-03"))
    page.goto(f"{journals.with_accounts.address}/#/consent")
    expect(page.get_by_role("button", name="I agree")).to_be_visible()


@state
def server_down(page: Page, journals: Journals) -> None:
    page.route("**/page/config.json", lambda route: route.abort())
    page.goto(journals.without_accounts.address)
    expect(page.get_by_text("The journal is not responding").first).to_be_visible()


# -- the journal


@state
def home_empty(page: Page, journals: Journals) -> None:
    page.goto(journals.without_accounts.address)
    expect(page.get_by_text("Nothing here yet")).to_be_visible()


@state
def home(page: Page, journals: Journals) -> None:
    enter(page, journals)
    expect(page.locator(".item").first).to_be_visible()


@state
def filters(page: Page, journals: Journals) -> None:
    home(page, journals)
    page.get_by_text("Filter", exact=True).click()
    expect(page.get_by_role("group", name="Emotion")).to_be_visible()


@state
def filtered(page: Page, journals: Journals) -> None:
    enter(page, journals, "#/?emotion=joy")
    expect(page.locator(".item").first).to_be_visible()


@state
def filtered_without_matches(page: Page, journals: Journals) -> None:
    enter(page, journals, "#/?emotion=joy&from=2020-01-01&to=2020-01-02")
    expect(page.get_by_text("No matching entries")).to_be_visible()


@state
def offline(page: Page, journals: Journals) -> None:
    home(page, journals)
    go_offline(page.context, page)


@state
def list_unavailable(page: Page, journals: Journals) -> None:
    page.route("**/v1/entries?*", lambda route: route.abort())
    page.goto(journals.without_accounts.address)
    expect(page.locator(".outage")).to_be_visible()


@state
def shortcuts(page: Page, journals: Journals) -> None:
    home(page, journals)
    page.locator("#main").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


# -- creating entries


@state
def recording(page: Page, journals: Journals) -> None:
    page.goto(journals.without_accounts.address)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#elapsed")).to_have_text("0:04")


@state
def microphone_denied(page: Page, journals: Journals) -> None:
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))"
    )
    page.goto(journals.without_accounts.address)
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Allow it")


@state
def too_many_entries(page: Page, journals: Journals) -> None:
    home(page, journals)
    reject(page, "**/v1/entries", 429, "quota_exceeded", {"Retry-After": str(RETRY_AFTER_S)})
    page.get_by_label("or write").fill("Just one more thing.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#write-problem")).to_contain_text("Try again in")


@state
def consent_required(page: Page, journals: Journals) -> None:
    home(page, journals)
    reject(page, "**/v1/entries", 403, "consent_required")
    page.get_by_label("or write").fill("The first thing I want to say.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="Read and agree")).to_be_visible()


@state
def upload_rejected(page: Page, journals: Journals) -> None:
    home(page, journals)
    picture = {"name": "cat.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(64)}
    page.get_by_label("Choose a recording").set_input_files(picture)  # type: ignore[arg-type]
    expect(page.locator("#uploads li")).to_contain_text("cannot be decoded")


@state
def upload_too_large(page: Page, journals: Journals) -> None:
    home(page, journals)
    reject(page, "**/v1/entries?recorded_at=*", 413, "payload_too_large")
    file = {
        "name": "a-very-long-interview-with-grandfather.wav",
        "mimeType": "audio/wav",
        "buffer": bytes(64),
    }
    page.get_by_label("Choose a recording").set_input_files(file)  # type: ignore[arg-type]
    expect(page.locator("#uploads li")).to_contain_text("smaller file")


# -- one entry


@state
def entry_spoken(page: Page, journals: Journals) -> None:
    show(page, journals, journals.diary.spoken)
    expect(page.locator(".sentence").first).to_be_visible()


@state
def entry_playing(page: Page, journals: Journals) -> None:
    entry_spoken(page, journals)
    page.locator("button.sentence").nth(2).click()
    expect(page.locator("li.current")).to_have_count(1)


@state
def entry_written(page: Page, journals: Journals) -> None:
    show(page, journals, journals.diary.written)


@state
def entry_evidence(page: Page, journals: Journals) -> None:
    entry_written(page, journals)
    page.locator(".emotion-claim").first.click()
    expect(page.locator(".evidence:visible")).to_have_count(1)


@state
def entry_long(page: Page, journals: Journals) -> None:
    show(page, journals, journals.diary.long)
    page.locator(".arc .dot").nth(1).hover()
    expect(page.locator(".caption-quotes .quote").first).to_be_visible()


@state
def entry_plain(page: Page, journals: Journals) -> None:
    show(page, journals, journals.diary.plain)
    expect(page.get_by_text("No emotion stands out.")).to_be_visible()
    expect(page.locator(".arc")).to_have_count(0)


@state
def entry_hard_to_tell(page: Page, journals: Journals) -> None:
    def uncertain(entry: Any) -> None:
        entry["insight"]["certain"] = False
        for claim in entry["insight"]["claims"]:
            claim["strength"] = None

    modify_response(page, journals, f"/v1/entries/{journals.diary.written}", uncertain)
    show(page, journals, journals.diary.written)
    expect(page.get_by_text("Hard to tell.")).to_be_visible()


@state
def entry_correcting(page: Page, journals: Journals) -> None:
    show(page, journals, journals.diary.corrected)
    page.get_by_role("button", name="Is this right?").click()
    page.get_by_role("button", name="Save title").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.get_by_label("Emotions: add", exact=True).select_option("gratitude")


@state
def entry_corrected(page: Page, journals: Journals) -> None:
    show(page, journals, journals.diary.corrected)
    expect(page.locator(".changed").first).to_be_visible()


def show_with_note(page: Page, journals: Journals, note: SupportNote) -> None:
    def add_note(entry: Any) -> None:
        entry["support"] = msgspec.to_builtins(note)

    modify_response(page, journals, f"/v1/entries/{journals.diary.written}", add_note)
    show(page, journals, journals.diary.written)


@state
def entry_support(page: Page, journals: Journals) -> None:
    show_with_note(page, journals, make_note("GB", Settings()))
    expect(page.get_by_role("link", name="116 123")).to_be_visible()


@state
def entry_support_in_an_unknown_country(page: Page, journals: Journals) -> None:
    show_with_note(page, journals, make_note(None, Settings()))
    expect(page.get_by_role("link", name="Find A Helpline")).to_be_visible()


@state
def entry_support_dismissed(page: Page, journals: Journals) -> None:
    show_with_note(page, journals, make_note("GB", Settings(), dismissed=True))
    expect(page.get_by_role("button", name="Show the help lines again")).to_be_visible()


@state
def entry_editing(page: Page, journals: Journals) -> None:
    show(page, journals, journals.diary.written)
    page.get_by_role("button", name="Edit text").click()


@state
def entry_deletion(page: Page, journals: Journals) -> None:
    show(page, journals, journals.diary.written)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_be_visible()


@state
def entry_processing(page: Page, journals: Journals) -> None:
    def unfinished(entry: Any) -> None:
        entry["status"] = "processing"
        entry["transcript"] = None
        entry["insight"].update(emotions=[], feelings=[], topics=[], arc=None, summary=None, sentiment=None)
        entry["stages"][0].update(state="running", progress=0.4)
        for stage in entry["stages"][1:]:
            stage.update(state="pending", engine=None)

    page.route("**/events", lambda route: route.fulfill(status=503, json={"code": "too_many_streams"}))
    modify_response(page, journals, f"/v1/entries/{journals.diary.spoken}", unfinished)
    show(page, journals, journals.diary.spoken)


@state
def entry_failed(page: Page, journals: Journals) -> None:
    def failed(entry: Any) -> None:
        entry["status"] = "failed"
        entry["transcript"] = None
        entry["insight"].update(emotions=[], feelings=[], topics=[], arc=None, summary=None, sentiment=None)
        error = {"code": "crashed", "message": "the work was interrupted"}
        entry["stages"][0].update(state="failed", error=error)
        for stage in entry["stages"][1:]:
            stage.update(state="skipped", engine=None)

    modify_response(page, journals, f"/v1/entries/{journals.diary.spoken}", failed)
    show(page, journals, journals.diary.spoken)


@state
def entry_without_speech(page: Page, journals: Journals) -> None:
    def silent(entry: Any) -> None:
        entry["transcript"] = {"text": "", "segments": []}
        entry["insight"].update(emotions=[], feelings=[], topics=[], arc=None, summary=None, sentiment=None)
        entry["insight"]["empty_reason"] = "no_speech"

    modify_response(page, journals, f"/v1/entries/{journals.diary.spoken}", silent)
    show(page, journals, journals.diary.spoken)


@state
def entry_in_german(page: Page, journals: Journals) -> None:
    show(page, journals, journals.diary.foreign)


@state
def entry_missing(page: Page, journals: Journals) -> None:
    enter(page, journals, "#/entry/0123456789abcdef")
    expect(page.get_by_role("heading", name="Entry not found")).to_be_visible()


@state
def entry_offline(page: Page, journals: Journals) -> None:
    entry_spoken(page, journals)
    go_offline(page.context, page)
    page.evaluate(f"location.hash = '#/entry/{journals.diary.foreign}'")
    page.evaluate(f"location.hash = '#/entry/{journals.diary.spoken}'")
    expect(page.get_by_text("Offline copy")).to_be_visible()


# -- other views


@state
def calendar(page: Page, journals: Journals) -> None:
    enter(page, journals, "#/calendar")
    expect(page.locator(".day-cell a").first).to_be_visible()


@state
def calendar_empty(page: Page, journals: Journals) -> None:
    enter(page, journals, "#/calendar/2020-02")
    expect(page.get_by_text("No entries this month")).to_be_visible()


@state
def search(page: Page, journals: Journals) -> None:
    enter(page, journals, "#/search")
    expect(page.locator("#query")).to_be_visible()


@state
def search_results(page: Page, journals: Journals) -> None:
    enter(page, journals, "#/search?q=missing%20somebody")
    expect(page.locator("#search .item").first).to_be_visible()


@state
def search_failed(page: Page, journals: Journals) -> None:
    reject(page, "**/v1/search?*", 500, "internal_error")
    enter(page, journals, "#/search?q=missing%20somebody")
    expect(page.get_by_text("Search failed")).to_be_visible()


@state
def settings(page: Page, journals: Journals) -> None:
    enter(page, journals, "#/settings")
    expect(page.get_by_role("heading", name="API keys")).to_be_visible()


@state
def settings_on_a_laptop(page: Page, journals: Journals) -> None:
    page.goto(f"{journals.without_accounts.address}/#/settings")
    expect(page.get_by_role("heading", name="Preferences")).to_be_visible()


@state
def key_created(page: Page, journals: Journals) -> None:
    settings(page, journals)
    page.get_by_text("Create an API key").first.click()
    page.get_by_role("textbox", name="Name").fill("backup at home")
    page.get_by_role("button", name="Create key").click()
    expect(page.get_by_label("Secret of backup at home")).to_be_visible()
    page.locator(".secret").scroll_into_view_if_needed()


@state
def export_ready(page: Page, journals: Journals) -> None:
    settings(page, journals)
    page.get_by_role("button", name="Export everything").click()
    expect(page.get_by_text("Your export is ready")).to_be_visible()


@state
def account_deletion(page: Page, journals: Journals) -> None:
    settings(page, journals)
    page.get_by_text("Delete my account").click()
    page.locator(".delete-account").scroll_into_view_if_needed()
