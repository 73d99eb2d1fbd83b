"""Entries in other languages on the page: in their own words, in their own direction, and found by word."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.samo import Samo

GERMAN = "Heute war ein wirklich schöner Tag, wir sind lange im Wald spazieren gegangen."
HEBREW = "היום אני מאוד עצוב. הלכנו לים עם הילדים."
MIXED = (
    "I was so happy to see my sister at the airport that I cried and cried. "
    "Nous avons mangé une crêpe au chocolat devant la cathédrale."
)


@pytest.fixture(scope="module")
def german(samo: Samo) -> str:
    return written(samo, GERMAN)


@pytest.fixture(scope="module")
def hebrew(samo: Samo) -> str:
    return written(samo, HEBREW)


def written(samo: Samo, text: str) -> str:
    entry_id = samo.write(text)
    assert samo.finished(entry_id)["status"] == "ready"
    return entry_id


def show(samo: Samo, page: Page, entry_id: str) -> None:
    page.goto(f"{samo.address}/#/entry/{entry_id}")
    expect(page.locator("#entry-title")).to_be_visible()


def test_an_entry_in_another_language_has_its_words_and_no_insight(
    samo: Samo, page: Page, german: str
) -> None:
    show(samo, page, german)
    expect(page.get_by_text("German is not analysed yet")).to_be_visible()
    expect(page.locator("#entry .facts")).to_contain_text("in German")
    expect(page.locator(".prose span[lang=de]")).to_have_text(GERMAN)
    for part in ("summary", "emotions", "corrections", "support", "arc", "similar"):
        expect(page.locator(f"#entry-{part}")).to_be_hidden()


def test_the_list_and_the_calendar_show_its_first_words(samo: Samo, page: Page, german: str) -> None:
    page.goto(samo.address)
    item = page.locator(f"#item-{german}")
    expect(item.locator(".item-text[lang=de]")).to_have_text(GERMAN)
    expect(item).to_contain_text("in German")
    page.goto(f"{samo.address}/#/calendar")
    expect(page.locator("#calendar .day-lines")).to_contain_text("Heute war ein wirklich")


def test_right_to_left_text_runs_from_right_to_left(samo: Samo, page: Page, hebrew: str) -> None:
    show(samo, page, hebrew)
    for place in (".prose", f"#item-{hebrew} .item-text"):
        assert page.locator(place).evaluate("element => getComputedStyle(element).direction") == "rtl"
    expect(page.locator(".prose span[lang=he]").first).to_be_visible()
    expect(page.get_by_text("Hebrew is not analysed yet")).to_be_visible()
    assert page.locator("#entry-title").evaluate("element => getComputedStyle(element).direction") == "ltr"


def test_of_a_mixed_entry_the_page_says_what_is_not_analysed(samo: Samo, page: Page) -> None:
    show(samo, page, written(samo, MIXED))
    expect(page.get_by_text("One sentence is in French.")).to_be_visible()
    expect(page.locator(".prose span[lang=fr]").first).to_contain_text("French: not analysed yet")
    expect(page.locator("#entry-summary")).to_contain_text("my sister")
    expect(page.locator("#entry-emotions")).to_be_visible()


@pytest.mark.parametrize(("query", "place"), [("spazieren WALD", "german"), ("לים", "hebrew")])
def test_other_languages_are_found_by_their_words(
    samo: Samo, page: Page, request: pytest.FixtureRequest, query: str, place: str
) -> None:
    entry_id = request.getfixturevalue(place)
    page.goto(f"{samo.address}/#/search")
    page.get_by_label("Search your entries").fill(query)
    page.get_by_role("button", name="Search", exact=True).click()
    first = page.locator(".result-list .item").first
    expect(first).to_have_id(f"result-{entry_id}")
    expect(first).to_contain_text("Has these words")


PSEUDO = """
import { en } from "./en.js";
const mark = (text) => `⟦${text}⟧`;
const forms = (text) => Object.fromEntries(Object.entries(text).map(([form, one]) => [form, mark(one)]));
const translated = (text) => (typeof text === "string" ? mark(text) : forms(text));
const pseudo = Object.fromEntries(Object.entries(en).map(([key, text]) => [key, translated(text)]));
export const LANGUAGES = { en, ar: pseudo };
"""
"""A language of English texts between brackets, for a locale that is written from right to left."""

UNTRANSLATED = """
() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const others = ["bdi", "[dir=auto]", "[lang]:not(html)", ".facts", ".item-facts", "svg", "option"];
  const own = [...others, "script", ".brand", ".models", "noscript", "a[href='/docs']"].join(", ");
  const found = [];
  while (walker.nextNode()) {
    const { parentElement: element, data } = walker.currentNode;
    if (!/\\p{Script=Latin}{2}/u.test(data) || element.closest(own) || !element.checkVisibility()) continue;
    if (!/[⟦⟧]/.test(element.textContent)) found.push(data.trim());
  }
  return found;
}
"""
"""Texts in Latin letters that are not between brackets, other than users' words, names and choices."""


def test_the_page_can_be_in_another_language(samo: Samo, browser: Browser, german: str) -> None:
    context = browser.new_context(locale="ar", service_workers="block")
    page = context.new_page()
    page.route(
        "**/page/texts/languages.js",
        lambda route: route.fulfill(body=PSEUDO, content_type="text/javascript"),
    )
    page.goto(samo.address)
    expect(page.get_by_role("heading", name="⟦What is on your mind?⟧")).to_be_visible()
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
    expect(page.locator(f"#item-{german}")).to_be_visible()
    untranslated: dict[str, list[str]] = {}
    for place, title in (
        ("#/", None),
        (f"#/entry/{german}", None),
        (f"#/entry/{written(samo, MIXED)}", None),
        ("#/calendar", "#calendar-title"),
        ("#/search", "#search-title"),
        ("#/settings", "#settings-title"),
    ):
        page.goto(f"{samo.address}/{place}")
        if title:
            expect(page.locator(title)).to_be_visible()
        page.wait_for_load_state("networkidle")
        untranslated[place] = page.evaluate(UNTRANSLATED)
    context.close()
    assert not any(untranslated.values()), untranslated
