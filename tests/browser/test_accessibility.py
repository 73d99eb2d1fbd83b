"""Scans every state of the page with axe: light and dark, desktop and phone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DESKTOP, TIMEOUT_MS
from tests.browser.states import STATES, Journals

pytestmark = [pytest.mark.browser, pytest.mark.models]

PHONE = {"width": 390, "height": 844}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.parametrize("name", STATES)
def test_axe_finds_no_violations(browser: Browser, journals: Journals, name: str) -> None:
    context = browser.new_context(
        viewport=DESKTOP,  # type: ignore[arg-type]
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/Berlin",
        service_workers="block",
    )
    context.set_default_timeout(TIMEOUT_MS)
    page = context.new_page()
    try:
        STATES[name](page, journals)
        page.evaluate(Axe().axe_script)
        assert violations_of(page) == []
        page.emulate_media(color_scheme="dark")
        assert violations_of(page, ["color-contrast"]) == [], "the only rule that colors affect"
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        assert violations_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    finally:
        context.close()


def violations_of(page: Page, rules: Sequence[str] = RULES) -> list[str]:
    """The violations of rules, or of sets of rules, that axe finds, with the element and the message."""
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    violations = page.evaluate("options => axe.run(options).then(({ violations }) => violations)", options)
    return [
        f"{violation['id']}: {node['html'][:120]} ({node['any'][0]['message'] if node['any'] else ''})"
        for violation in violations
        for node in violation["nodes"]
    ]
