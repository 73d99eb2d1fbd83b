"""Correcting an entry's insight: by mouse, by keyboard, and back."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.samo import Samo

pytestmark = [pytest.mark.browser, pytest.mark.models]

TEXT = "I was terrified of the exam. Then I passed it, and I am so happy! Maya brought cake."


@pytest.fixture
def entry_id(samo: Samo) -> str:
    entry_id = samo.write(TEXT)
    samo.finished(entry_id)
    return entry_id


@pytest.fixture
def panel(samo: Samo, page: Page, entry_id: str) -> Locator:
    """The open corrections of an entry."""
    page.goto(f"{samo.address}/#/entry/{entry_id}")
    page.get_by_role("button", name="Is this right?").click()
    panel = page.get_by_role("region", name="What is right?")
    expect(panel.get_by_role("heading", name="What is right?")).to_be_focused()
    return panel


def insight(samo: Samo, entry_id: str) -> dict[str, Any]:
    return dict(samo.client.get(f"/v1/entries/{entry_id}").json()["insight"])


def emotions(samo: Samo, entry_id: str) -> list[str]:
    return [score["emotion"] for score in insight(samo, entry_id)["emotions"]]


def group(panel: Locator, name: str) -> Locator:
    return panel.get_by_role("group", name=name, exact=True)


def choose(panel: Locator, label: str, option: str, action: str) -> None:
    panel.get_by_label(label, exact=True).select_option(option)
    panel.get_by_role("button", name=f"{label}: {action} {option}", exact=True).click()


def test_an_emotion_can_be_changed_removed_added_and_restored(
    samo: Samo, page: Page, panel: Locator, entry_id: str
) -> None:
    found = insight(samo, entry_id)
    first, *others = emotions(samo, entry_id)
    assert others
    choose(panel, f"Emotions: {first}", "admiration", "Change")
    expect(panel.get_by_text(f"{first} is now admiration.")).to_be_visible()
    expect(group(panel, "Emotions").get_by_label("Emotions: admiration", exact=True)).to_be_focused()
    for other in others:
        remove = group(panel, "Emotions").get_by_role("button", name=f"Remove {other}")
        remove.click()
        expect(remove).to_have_count(0)
    choose(panel, "Emotions: add", "gratitude", "Add")
    expect(page.locator(".strengths > li")).to_have_text(["admiration", "gratitude"])
    expect(page.locator(".strength")).to_have_count(0)
    expect(page.locator("button.emotion-claim")).to_have_count(0)
    expect(page.locator("#entry-emotions")).to_contain_text("changed by you")
    expect(page.locator("#announce")).to_have_text("gratitude added.")
    assert emotions(samo, entry_id) == ["admiration", "gratitude"]
    group(panel, "Emotions").get_by_role("button", name="Emotions: take back").click()
    expect(page.locator("#entry-emotions")).not_to_contain_text("changed by you")
    assert insight(samo, entry_id) == found


def test_every_change_can_be_undone(samo: Samo, page: Page, panel: Locator, entry_id: str) -> None:
    found = insight(samo, entry_id)
    choose(panel, "Mood", "negative", "Save")
    expect(page.locator("#entry-emotions .tone")).to_contain_text("negative changed by you")
    choose(panel, "Mood", "no mood", "Save")
    expect(page.locator("#entry-emotions .tone")).to_contain_text("none changed by you")
    panel.get_by_role("button", name="Undo").click()
    expect(page.locator("#entry-emotions .tone")).to_contain_text("negative changed by you")
    group(panel, "Mood").get_by_role("button", name="Mood: take back").click()
    expect(panel.get_by_role("button", name="Undo")).to_be_focused()
    assert insight(samo, entry_id) == found
    page.keyboard.press("Enter")
    expect(page.locator("#entry-emotions .tone")).to_contain_text("negative changed by you")


def test_the_title_changes_in_the_entry_and_in_the_list(
    samo: Samo, page: Page, panel: Locator, entry_id: str
) -> None:
    title = group(panel, "Title").get_by_role("textbox", name="Title")
    title.fill("  I passed  ")
    title.press("Enter")
    heading = page.locator("#entry-summary").get_by_role("heading", level=2)
    expect(heading).to_have_text("I passed changed by you")
    expect(page.locator(f"#item-{entry_id} strong")).to_have_text("I passed")
    group(panel, "Title").get_by_role("button", name="Remove the title").click()
    expect(heading).to_have_text("Summary changed by you")
    expect(page.locator(f"#item-{entry_id} strong")).to_have_count(0)
    assert insight(samo, entry_id)["title"] is None


def test_feelings_and_topics_can_be_stated(samo: Samo, page: Page, panel: Locator, entry_id: str) -> None:
    choose(panel, "Feelings: add", "nostalgic", "Add")
    choose(panel, "Topics: add", "exercise", "Add")
    card = page.locator("#entry-emotions")
    expect(card.get_by_role("list", name="Topics")).to_contain_text("exercise")
    expect(card.get_by_role("list", name="Feelings")).to_contain_text("nostalgic")
    assert insight(samo, entry_id)["corrected"] == ["feelings", "topics"]
    found = samo.client.get("/v1/entries?topic=exercise&feeling=nostalgic").json()["entries"]
    assert entry_id in [entry["id"] for entry in found]


def test_the_emotions_of_a_sentence_can_be_corrected(
    samo: Samo, page: Page, panel: Locator, entry_id: str
) -> None:
    panel.get_by_label("One sentence").select_option("Sentence 3: Maya brought cake.")
    sentence = group(panel, "Emotions of this sentence")
    for name in [point["emotion"] for point in insight(samo, entry_id)["arc"][2]["emotions"]]:
        sentence.get_by_role("button", name=f"Remove {name}").click()
        expect(sentence.get_by_role("button", name=f"Remove {name}")).to_have_count(0)
    choose(panel, "Emotions of this sentence: add", "gratitude", "Add")
    expect(sentence.get_by_role("button", name="Remove gratitude")).to_be_visible()
    page.locator(".prose [data-segment='2']").hover()
    expect(page.locator(".caption-head")).to_contain_text("changed by you")
    point = insight(samo, entry_id)["arc"][2]
    assert ([score["emotion"] for score in point["emotions"]], point["corrected"]) == (["gratitude"], True)


def test_everything_can_be_taken_back_at_once_after_asking(
    samo: Samo, page: Page, panel: Locator, entry_id: str
) -> None:
    found = insight(samo, entry_id)
    choose(panel, "Emotions: add", "curiosity", "Add")
    choose(panel, "Mood", "negative", "Save")
    panel.get_by_role("button", name="Take everything back").click()
    page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    expect(page.locator(".changed")).to_have_count(0)
    assert insight(samo, entry_id) == found
    panel.get_by_role("button", name="Done").click()
    expect(panel).to_be_hidden()
    expect(page.get_by_role("button", name="Is this right?")).to_be_focused()


def test_the_keyboard_alone_is_enough(samo: Samo, page: Page, panel: Locator, entry_id: str) -> None:
    page.keyboard.press("Tab")
    expect(group(panel, "Title").get_by_role("textbox")).to_be_focused()
    topics = group(panel, "Topics")
    topics.get_by_label("Topics: add", exact=True).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = topics.get_by_label("Topics: add", exact=True).input_value()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    remove = topics.get_by_role("button", name=f"Remove {chosen}")
    expect(remove).to_be_visible()
    expect(topics.get_by_label("Topics: add", exact=True)).to_be_focused()
    found = [topic["label"] for topic in insight(samo, entry_id)["topics"]]
    assert found[-1] == chosen
    remove.focus()
    page.keyboard.press("Enter")
    expect(remove).to_have_count(0)
    assert [topic["label"] for topic in insight(samo, entry_id)["topics"]] == found[:-1]


def test_a_correction_that_fails_is_reported_and_nothing_is_shown(
    samo: Samo, page: Page, panel: Locator, entry_id: str, expected_errors: list[str]
) -> None:
    expected_errors.append("409")
    samo.client.patch(f"/v1/entries/{entry_id}", json={"text": "Other words."}).raise_for_status()
    choose(panel, "Mood", "negative", "Save")
    expect(panel.get_by_role("alert")).to_contain_text("edited")
    expect(page.locator(".changed")).to_have_count(0)
