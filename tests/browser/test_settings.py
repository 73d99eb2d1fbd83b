"""Settings: preferences, API keys, export, consent, deletion and appearance."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.accounts import JournalWithAccounts, journal_with_accounts
from tests.browser.samo import StartSamo

pytestmark = [pytest.mark.browser, pytest.mark.models]


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JournalWithAccounts]:
    with journal_with_accounts(tmp_path_factory.mktemp("settings") / "journal") as journal:
        yield journal


@pytest.fixture
def settings(journal: JournalWithAccounts, page: Page) -> Page:
    page.goto(f"{journal.address}/#/settings")
    journal.sign_in(page)
    expect(page.get_by_role("heading", name="Preferences")).to_be_visible()
    return page


def test_preferences_are_saved_and_shown_again(journal: JournalWithAccounts, settings: Page) -> None:
    settings.get_by_label("For a number of days").check()
    settings.get_by_role("spinbutton", name="Number of days").fill("30")
    settings.get_by_label("Entries are deleted after").fill("365")
    settings.get_by_label("Time zone").select_option("Europe/Paris")
    settings.get_by_label("Country, for help lines").select_option("Ireland")
    settings.get_by_label("Spoken language").select_option("English")
    settings.get_by_label("My corrections may be used").check()
    settings.get_by_role("button", name="Save", exact=True).click()
    expect(settings.get_by_text("Saved.", exact=True)).to_be_visible()
    me = journal.samo.client.get("/v1/me").json()
    assert (me["audio_retention_days"], me["retention_days"]) == (30, 365)
    assert (me["timezone"], me["language"], me["country"]) == ("Europe/Paris", "en", "IE")
    assert me["share_corrections"] is True
    settings.reload()
    expect(settings.get_by_label("Entries are deleted after")).to_have_value("365")
    settings.get_by_label("Until I delete them").check()
    expect(settings.get_by_role("spinbutton", name="Number of days")).to_be_hidden()


def test_a_key_can_be_created_used_rotated_and_revoked(
    journal: JournalWithAccounts, settings: Page, expected_errors: list[str]
) -> None:
    settings.context.grant_permissions(["clipboard-read", "clipboard-write"])
    settings.get_by_text("Create an API key").first.click()
    settings.get_by_role("textbox", name="Name").fill("backup")
    settings.get_by_role("button", name="Create key").click()
    settings.get_by_role("button", name="Copy").click()
    expect(settings.get_by_role("button", name="Copied")).to_be_visible()
    first = settings.evaluate("navigator.clipboard.readText()")
    assert entries(journal, first).status_code == 200
    settings.get_by_role("button", name="Done").click()
    assert first not in settings.content()
    settings.get_by_role("button", name="Rotate secret: backup").click()
    settings.get_by_role("dialog").get_by_role("button", name="Rotate").click()
    second = settings.get_by_label("Secret of backup").input_value()
    assert second != first
    assert entries(journal, second).status_code == 200
    settings.get_by_role("button", name="Revoke: backup").click()
    settings.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(settings.get_by_text("You have no API keys.")).to_be_visible()
    assert entries(journal, second).status_code == 401


def test_names_are_added_suggested_declined_and_removed(
    journal: JournalWithAccounts, settings: Page, recordings: Path, expected_errors: list[str]
) -> None:
    expected_errors.append("status of 400")
    field = settings.get_by_label("Person, place or word")
    field.fill("  Zorvath  ")
    settings.get_by_role("button", name="Add name").click()
    names = settings.get_by_role("list", name="Names", exact=True)
    expect(names.get_by_role("listitem")).to_have_count(1)
    expect(field).to_have_value("")
    field.fill("1984")
    settings.get_by_role("button", name="Add name").click()
    expect(settings.get_by_role("alert")).to_contain_text("A name has letters")

    entry_id = journal.samo.record(recordings / "beckett.wav")
    text = str(journal.samo.finished(entry_id)["transcript"]["text"])  # type: ignore[index]
    edited = text.replace("Ever tried", "Everett tried").replace("fail better", "Fayle better")
    journal.samo.client.patch(f"/v1/entries/{entry_id}", json={"text": edited})
    settings.reload()
    expect(settings.get_by_text("You corrected “Ever”")).to_be_visible()
    settings.get_by_role("button", name="Do not add Fayle").click()
    settings.get_by_role("button", name="Add Everett", exact=True).click()
    expect(settings.get_by_role("list", name="Suggested names")).to_be_hidden()
    settings.get_by_role("button", name="Remove Zorvath").click()
    expect(names.get_by_role("listitem")).to_have_count(1)
    assert journal.samo.client.get("/v1/names").json()["names"] == ["Everett"]


def test_the_journal_can_be_exported_as_one_file(journal: JournalWithAccounts, settings: Page) -> None:
    entry_id = journal.samo.write("I would like to have this back one day.")
    journal.samo.finished(entry_id)
    settings.get_by_role("button", name="Export everything").click()
    expect(settings.get_by_text("Your export is ready")).to_be_visible()
    with settings.expect_download() as download:
        settings.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename.startswith("samo-")
    with zipfile.ZipFile(download.value.path()) as archive:
        name = next(name for name in archive.namelist() if entry_id in name)
        assert "one day" in json.loads(archive.read(name))["transcript"]["text"]


def test_unsaved_text_survives_giving_consent(tmp_path: Path, page: Page, expected_errors: list[str]) -> None:
    expected_errors.append("403")
    with journal_with_accounts(tmp_path / "journal", SAMO_CONSENT_VERSION="2026-03") as journal:
        page.goto(journal.address)
        journal.sign_in(page)
        page.get_by_label("or write").fill("I am glad to begin.")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_role("link", name="Read and agree").click()
        page.get_by_role("button", name="I agree").click()
        expect(page.get_by_label("or write")).to_have_value("I am glad to begin.")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator("#entry-summary")).to_be_visible()
        assert journal.samo.client.get("/v1/me").json()["consent_version"] == "2026-03"
        page.get_by_role("link", name="Settings").click()
        expect(page.get_by_text("You agreed to version 2026-03")).to_be_visible()


def test_a_journal_without_accounts_can_be_deleted_and_started_anew(
    start_samo: StartSamo, page: Page
) -> None:
    samo = start_samo()
    samo.finished(samo.write("Nobody shall read this."))
    page.goto(f"{samo.address}/#/settings")
    page.get_by_text("Delete my journal").click()
    page.get_by_label("Type delete to confirm").fill("delete")
    page.get_by_role("button", name="Delete everything permanently").click()
    expect(page).to_have_url(f"{samo.address}/#/")
    expect(page.get_by_text("Nobody shall read this.")).to_have_count(0)
    assert samo.client.get("/v1/entries").json()["entries"] == []
    page.get_by_label("or write").fill("A new beginning, and I am glad.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#entry-summary")).to_be_visible()


def test_the_color_scheme_can_be_chosen_and_is_remembered(settings: Page) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    light = settings.evaluate(background)
    settings.get_by_label("Dark", exact=True).check()
    dark = settings.evaluate(background)
    assert dark != light
    settings.reload()
    assert settings.evaluate(background) == dark
    settings.get_by_label("Same as device").check()
    assert settings.evaluate(background) == light
    settings.emulate_media(color_scheme="dark")
    assert settings.evaluate(background) == dark


def test_single_key_shortcuts_can_be_turned_off(settings: Page) -> None:
    settings.get_by_label("Single-key shortcuts").uncheck()
    settings.locator("#main").focus()
    settings.keyboard.press("c")
    settings.keyboard.press("?")
    expect(settings.get_by_role("dialog")).to_have_count(0)
    assert settings.url.endswith("#/settings")


def entries(journal: JournalWithAccounts, key: str) -> httpx.Response:
    return httpx.get(f"{journal.address}/v1/entries", headers={"Authorization": f"Bearer {key}"})
