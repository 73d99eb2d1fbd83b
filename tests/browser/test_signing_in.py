"""Accounts on the page: signing up, in and out, sessions, and deletion."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accounts import ADA, AUDIENCE, UID, JournalWithAccounts, journal_with_accounts
from tests.browser.test_making_entries import assert_beckett

pytestmark = [pytest.mark.browser, pytest.mark.models]

NOTHING_STORED = """async () => {
  const databases = await indexedDB.databases();
  const open = name => new Promise(resolve => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
  });
  const counts = await Promise.all(databases.map(async ({ name }) => {
    const opened = await open(name);
    const store = opened.transaction("entries").objectStore("entries");
    return new Promise(resolve => (store.count().onsuccess = event => resolve(event.target.result)));
  }));
  return counts.every(count => count === 0) && localStorage.length === 0 && sessionStorage.length === 0;
}"""


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JournalWithAccounts]:
    with journal_with_accounts(tmp_path_factory.mktemp("signing-in") / "journal") as journal:
        yield journal


def test_nothing_is_requested_before_sign_in(journal: JournalWithAccounts, page: Page) -> None:
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    page.goto(f"{journal.address}/#/settings")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    assert not any("/v1/" in url for url in urls)


def test_the_content_policy_allows_only_the_server_and_the_issuer(
    journal: JournalWithAccounts, page: Page
) -> None:
    response = page.goto(journal.address)
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert f"connect-src 'self' {journal.issuer.address}" in policy
    assert "unsafe" not in policy


def test_a_wrong_password_is_explained(
    journal: JournalWithAccounts, page: Page, expected_errors: list[str]
) -> None:
    expected_errors.append("400")
    page.goto(journal.address)
    journal.sign_in(page, password="wrong")
    expect(page.get_by_role("alert")).to_have_text("The e-mail address or the password is incorrect.")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_recording_can_be_uploaded_followed_and_played_with_a_token(
    journal: JournalWithAccounts, page: Page, recordings: Path
) -> None:
    page.goto(journal.address)
    journal.sign_in(page)
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()
    page.get_by_label("Choose a recording").set_input_files(recordings / "beckett.wav")
    assert_beckett(page)
    page.locator("button.sentence").first.click()
    page.wait_for_function("() => !document.querySelector('audio').paused")
    assert page.locator("audio").get_attribute("src").startswith("blob:")  # type: ignore[union-attr]


def test_a_tab_stays_signed_in_and_a_new_browser_does_not(journal: JournalWithAccounts, page: Page) -> None:
    page.goto(journal.address)
    journal.sign_in(page)
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0
    other = page.context.new_page()
    other.goto(journal.address)
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_user_can_stay_signed_in_on_the_device(journal: JournalWithAccounts, page: Page) -> None:
    page.goto(journal.address)
    journal.sign_in(page, stay=True)
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()
    other = page.context.new_page()
    other.goto(journal.address)
    expect(other.get_by_role("heading", name="What is on your mind?")).to_be_visible()


def test_only_the_refresh_token_is_stored(journal: JournalWithAccounts, page: Page) -> None:
    page.goto(journal.address)
    journal.sign_in(page)
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()
    stored = page.evaluate("JSON.stringify({ ...sessionStorage, ...localStorage })")
    assert "eyJ" not in stored
    assert "refresh" in stored


def test_an_expiring_token_is_renewed_before_use(journal: JournalWithAccounts, page: Page) -> None:
    users = journal.issuer.password_users
    users.lifetime_s = 30
    before = users.renewals
    page.goto(journal.address)
    journal.sign_in(page)
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()
    users.lifetime_s = 3600
    page.get_by_label("or write").fill("I am happy that this still works.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#entry-summary")).to_be_visible()
    assert users.renewals > before


def test_unsaved_text_survives_an_expired_session(
    journal: JournalWithAccounts, page: Page, expected_errors: list[str]
) -> None:
    expected_errors.extend(("400", "401"))
    page.goto(journal.address)
    journal.sign_in(page)
    page.get_by_label("or write").fill("Half a thought")
    journal.issuer.password_users.forget_sessions()
    page.route("**/v1/entries", lambda route: route.fulfill(status=401, json={}), times=1)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#sign-in")).to_contain_text("Your session has expired")
    expect(page.get_by_label("E-mail")).to_have_value(ADA)
    journal.sign_in(page)
    expect(page.get_by_label("or write")).to_have_value("Half a thought")


def test_signing_out_leaves_nothing_on_the_device(journal: JournalWithAccounts, page: Page) -> None:
    entry_id = journal.samo.write("I am so glad that nobody reads this.")
    journal.samo.finished(entry_id)
    page.goto(f"{journal.address}/#/entry/{entry_id}")
    journal.sign_in(page, stay=True)
    expect(page.locator(".prose")).to_contain_text("nobody reads this")
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.wait_for_function(NOTHING_STORED)
    assert "nobody reads this" not in page.content()


def test_a_new_account_is_empty(journal: JournalWithAccounts, page: Page) -> None:
    page.goto(journal.address)
    page.get_by_role("button", name="Create an account").click()
    page.get_by_label("E-mail").fill("bob@example.org")
    page.get_by_label("Password").fill("staple battery")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("Nothing here yet")).to_be_visible()


def test_deleting_the_account_requires_typing_its_address(
    tmp_path: Path, page: Page, expected_errors: list[str]
) -> None:
    with journal_with_accounts(tmp_path / "journal") as journal:
        journal.samo.write("I am leaving.")
        page.goto(f"{journal.address}/#/settings")
        journal.sign_in(page)
        page.get_by_text("Delete my account").click()
        button = page.get_by_role("button", name="Delete everything permanently")
        expect(button).to_be_disabled()
        page.get_by_label("to confirm").fill(ADA)
        button.click()
        expect(page.locator("#sign-in")).to_contain_text("Your account has been deleted")
        token = journal.issuer.token(AUDIENCE, sub=UID)
        response = journal.samo.client.get("/v1/entries", headers={"Authorization": f"Bearer {token}"})
        assert response.json()["code"] == "account_deleted"
