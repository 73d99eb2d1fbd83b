"""Every state of the page, scanned with axe: light and dark, wide and narrow."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DESKTOP, PATIENCE_MS
from tests.browser.states import STATES, Places

pytestmark = [pytest.mark.browser, pytest.mark.models]

PHONE = {"width": 390, "height": 844}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.parametrize("name", STATES)
def test_axe_finds_nothing_to_object_to(browser: Browser, places: Places, name: str) -> None:
    context = browser.new_context(
        viewport=DESKTOP,  # type: ignore[arg-type]
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/Berlin",
        service_workers="block",
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    try:
        STATES[name](page, places)
        page.evaluate(Axe().axe_script)
        assert objections(page) == []
        page.emulate_media(color_scheme="dark")
        assert objections(page) == []
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        assert objections(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    finally:
        context.close()


def objections(page: Page) -> list[str]:
    """What axe objects to, and where."""
    options = {"runOnly": RULES, "resultTypes": ["violations"]}
    violations = page.evaluate("options => axe.run(options).then(({ violations }) => violations)", options)
    return [
        f"{violation['id']}: {node['html'][:120]} ({node['any'][0]['message'] if node['any'] else ''})"
        for violation in violations
        for node in violation["nodes"]
    ]
