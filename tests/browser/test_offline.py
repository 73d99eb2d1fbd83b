"""The page as an installed app: offline reading, updates, and what it may cache."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.accounts import journal_with_accounts
from tests.browser.conftest import DESKTOP, TIMEOUT_MS
from tests.browser.samo import Samo, StartSamo

pytestmark = [pytest.mark.browser, pytest.mark.models]

CACHED = """async () => {
  const requests = [];
  for (const name of await caches.keys()) {
    for (const request of await (await caches.open(name)).keys()) requests.push(request);
  }
  return requests.map(({ method, url, headers }) => [method, new URL(url).pathname, [...headers.keys()]]);
}"""
READY = "() => navigator.serviceWorker.ready.then(() => Boolean(navigator.serviceWorker.controller))"


@pytest.fixture
def app(browser: Browser) -> Iterator[BrowserContext]:
    """A browser context with service workers allowed."""
    context = browser.new_context(viewport=DESKTOP, locale="en-GB", timezone_id="Europe/Berlin")  # type: ignore[arg-type]
    context.set_default_timeout(TIMEOUT_MS)
    yield context
    context.close()


def open_page(app: BrowserContext, address: str) -> Page:
    """Open the page and wait until its service worker controls it."""
    page = app.new_page()
    page.goto(address)
    page.wait_for_function(READY)
    return page


def test_the_page_can_be_installed(samo: Samo) -> None:
    manifest = httpx.get(f"{samo.address}/page/manifest.webmanifest")
    assert manifest.headers["content-type"].startswith("application/manifest+json")
    content = manifest.json()
    assert (content["start_url"], content["display"]) == ("/", "standalone")
    sizes = {icon["sizes"] for icon in content["icons"]}
    assert {"192x192", "512x512"} <= sizes
    for icon in content["icons"]:
        assert httpx.get(f"{samo.address}{icon['src']}").status_code == 200


def test_an_entry_that_was_opened_can_be_read_offline(app: BrowserContext, samo: Samo) -> None:
    entry_id = samo.write("I am so happy about the garden.")
    samo.finished(entry_id)
    page = open_page(app, f"{samo.address}/#/entry/{entry_id}")
    expect(page.locator(".prose")).to_contain_text("the garden")
    app.set_offline(True)
    page.reload()
    expect(page.locator(".prose")).to_contain_text("the garden")
    expect(page.get_by_text("Offline copy")).to_be_visible()
    expect(page.locator("#network")).to_contain_text("You are offline")
    expect(page.get_by_role("button", name="Edit text")).to_have_count(0)
    expect(page.locator(f"#item-{entry_id}")).to_be_visible()
    app.set_offline(False)
    expect(page.locator("#network")).to_be_empty()
    expect(page.get_by_role("button", name="Edit text")).to_be_visible()


def test_an_entry_that_was_never_opened_is_unavailable_offline(app: BrowserContext, samo: Samo) -> None:
    entry_id = samo.write("I am so happy about the balcony.")
    samo.finished(entry_id)
    page = open_page(app, samo.address)
    expect(page.locator(f"#item-{entry_id}")).to_be_visible()
    app.set_offline(True)
    page.locator(f"#item-{entry_id}").click()
    expect(page.get_by_text("It has not been opened on this device before")).to_be_visible()


def test_text_written_offline_is_not_lost(app: BrowserContext, samo: Samo) -> None:
    page = open_page(app, samo.address)
    app.set_offline(True)
    page.get_by_label("or write").fill("On the train, in a tunnel. I am happy.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#write-problem")).to_contain_text("Your text is still here.")
    app.set_offline(False)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#entry-summary")).to_be_visible()


def test_the_cache_contains_the_page_but_no_journal_data(
    app: BrowserContext, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with journal_with_accounts(tmp_path_factory.mktemp("cache") / "journal") as journal:
        entry_id = journal.samo.write("Nobody shall cache this.")
        journal.samo.finished(entry_id)
        page = open_page(app, f"{journal.address}/#/entry/{entry_id}")
        journal.sign_in(page)
        expect(page.locator(".prose")).to_contain_text("cache this")
        cached = page.evaluate(CACHED)
        assert cached
        assert {method for method, *_ in cached} == {"GET"}
        assert all(path == "/" or path.startswith("/page/") for _, path, _ in cached)
        assert not any("authorization" in headers for *_, headers in cached)


def test_the_offline_copy_of_an_entry_deleted_elsewhere_is_removed(app: BrowserContext, samo: Samo) -> None:
    entry_id = samo.write("I wish I had not said that.")
    samo.finished(entry_id)
    page = open_page(app, f"{samo.address}/#/entry/{entry_id}")
    expect(page.locator(".prose")).to_contain_text("not said that")
    samo.client.delete(f"/v1/entries/{entry_id}")
    page.reload()
    expect(page.get_by_role("heading", name="Entry not found")).to_be_visible()
    app.set_offline(True)
    page.reload()
    expect(page.get_by_text("It has not been opened on this device before")).to_be_visible()


def test_a_new_version_is_loaded_only_on_request(app: BrowserContext, start_samo: StartSamo) -> None:
    samo = start_samo()
    page = open_page(app, samo.address)
    samo.stop()
    start_samo(samo.port, SAMO_DICTATION_MINUTES="7", SAMO_AUTH_WEB_API_KEY="another")
    page.reload()
    expect(page.get_by_text("A new version is available.")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("button", name="Reload").click()
    expect(page.get_by_text("A new version")).to_have_count(0)
