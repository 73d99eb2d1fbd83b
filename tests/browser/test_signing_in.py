"""Where the journal has accounts: coming in, staying, renewing, leaving."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guarded import ADA, AUDIENCE, UID, Guarded, guarded
from tests.browser.test_making_entries import assert_beckett

pytestmark = [pytest.mark.browser, pytest.mark.models]

NOTHING_KEPT = """async () => {
  const databases = await indexedDB.databases();
  const open = name => new Promise(resolve => {
    const asked = indexedDB.open(name);
    asked.onsuccess = () => resolve(asked.result);
  });
  const counts = await Promise.all(databases.map(async ({ name }) => {
    const opened = await open(name);
    const store = opened.transaction("entries").objectStore("entries");
    return new Promise(resolve => (store.count().onsuccess = event => resolve(event.target.result)));
  }));
  return counts.every(count => count === 0) && localStorage.length === 0 && sessionStorage.length === 0;
}"""


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded(tmp_path_factory.mktemp("signing-in") / "journal") as journal:
        yield journal


def test_nothing_is_shown_before_somebody_has_signed_in(journal: Guarded, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{journal.address}/#/settings")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    assert not any("/v1/" in url for url in asked)


def test_the_page_may_call_nobody_but_its_server_and_who_signs_in(journal: Guarded, page: Page) -> None:
    answer = page.goto(journal.address)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert f"connect-src 'self' {journal.issuer.address}" in policy
    assert "unsafe" not in policy


def test_a_wrong_password_is_refused_in_words(journal: Guarded, page: Page, expected: list[str]) -> None:
    expected.append("400")
    page.goto(journal.address)
    journal.sign_in(page, password="wrong")
    expect(page.get_by_role("alert")).to_have_text("The e-mail address or the password is incorrect.")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_recording_is_made_followed_and_played_with_a_token(
    journal: Guarded, page: Page, recordings: Path
) -> None:
    page.goto(journal.address)
    journal.sign_in(page)
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()
    page.get_by_label("Choose a recording").set_input_files(recordings / "beckett.wav")
    assert_beckett(page)
    page.locator("button.sentence").first.click()
    page.wait_for_function("() => !document.querySelector('audio').paused")
    assert page.locator("audio").get_attribute("src").startswith("blob:")  # type: ignore[union-attr]


def test_a_tab_stays_signed_in_and_a_new_browser_does_not(journal: Guarded, page: Page) -> None:
    page.goto(journal.address)
    journal.sign_in(page)
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0
    other = page.context.new_page()
    other.goto(journal.address)
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()


def test_who_wishes_it_stays_signed_in_on_the_device(journal: Guarded, page: Page) -> None:
    page.goto(journal.address)
    journal.sign_in(page, stay=True)
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()
    other = page.context.new_page()
    other.goto(journal.address)
    expect(other.get_by_role("heading", name="What is on your mind?")).to_be_visible()


def test_no_token_is_kept_anywhere_but_in_memory(journal: Guarded, page: Page) -> None:
    page.goto(journal.address)
    journal.sign_in(page)
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()
    kept = page.evaluate("JSON.stringify({ ...sessionStorage, ...localStorage })")
    assert "eyJ" not in kept
    assert "refresh" in kept


def test_an_old_token_is_renewed_before_it_is_used(journal: Guarded, page: Page) -> None:
    people = journal.issuer.password_users
    people.lifetime_s = 30
    before = people.renewals
    page.goto(journal.address)
    journal.sign_in(page)
    expect(page.get_by_role("heading", name="What is on your mind?")).to_be_visible()
    people.lifetime_s = 3600
    page.get_by_label("or write").fill("I am happy that this still works.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#entry-summary")).to_be_visible()
    assert people.renewals > before


def test_a_session_that_ran_out_keeps_what_was_being_written(
    journal: Guarded, page: Page, expected: list[str]
) -> None:
    expected.extend(("400", "401"))
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


def test_signing_out_leaves_nothing_on_the_device(journal: Guarded, page: Page) -> None:
    entry_id = journal.samo.write("I am so glad that nobody reads this.")
    journal.samo.finished(entry_id)
    page.goto(f"{journal.address}/#/entry/{entry_id}")
    journal.sign_in(page, stay=True)
    expect(page.locator(".prose")).to_contain_text("nobody reads this")
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.wait_for_function(NOTHING_KEPT)
    assert "nobody reads this" not in page.content()


def test_a_new_account_begins_empty(journal: Guarded, page: Page) -> None:
    page.goto(journal.address)
    page.get_by_role("button", name="Create an account").click()
    page.get_by_label("E-mail").fill("bob@example.org")
    page.get_by_label("Password").fill("staple battery")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("Nothing here yet")).to_be_visible()


def test_the_account_is_deleted_once_its_address_is_typed(
    tmp_path: Path, page: Page, expected: list[str]
) -> None:
    with guarded(tmp_path / "journal") as journal:
        journal.samo.write("I am leaving.")
        page.goto(f"{journal.address}/#/settings")
        journal.sign_in(page)
        page.get_by_text("Delete my account").click()
        go = page.get_by_role("button", name="Delete everything permanently")
        expect(go).to_be_disabled()
        page.get_by_label("to confirm").fill(ADA)
        go.click()
        expect(page.locator("#sign-in")).to_contain_text("Your account has been deleted")
        token = journal.issuer.token(AUDIENCE, sub=UID)
        answer = journal.samo.client.get("/v1/entries", headers={"Authorization": f"Bearer {token}"})
        assert answer.json()["code"] == "account_deleted"
