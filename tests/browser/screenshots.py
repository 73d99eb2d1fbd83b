"""README's pictures, of a journal that SAMO has really read: `python -m tests.browser.screenshots`."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from functions.shared.settings import Settings
from tests.browser.conftest import QUIET
from tests.browser.samo import ROOT, Samo
from tests.support.chromium import chromium_path

PICTURES = ROOT / "docs" / "screenshots"
RECORDINGS = Settings().models_path / "recordings"
A_GOOD_DAY = """\
I woke up before the alarm and lay there listening to the rain. I was so nervous about the meeting, my \
hands were shaking. Then Maya said the nicest thing about my draft, in front of everyone! I really did not \
see that coming. I walked home through the park and felt so happy and light.

I miss Dad on days like this, he would have laughed. I am so grateful for today."""
EARLIER = (
    "The landlord still has not fixed the heating and I am furious. Third email this week.",
    "I wonder whether I should move closer to the sea. What would it be like to hear it every night?",
    "Thank you, whoever left the umbrella by the door. That was so kind.",
    "I was terrified at the dentist. It turned out to be nothing, what a relief.",
)


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="samo-screenshots-") as folder:
        samo = Samo(Path(folder))
        try:
            picture_all(samo)
        finally:
            samo.stop()


def picture_all(samo: Samo) -> None:
    evening = (datetime.now(UTC) - timedelta(days=1)).replace(hour=21, minute=14)
    for days, text in enumerate(EARLIER, start=1):
        samo.finished(samo.write(text, recorded_at=(evening - timedelta(days=days)).isoformat()))
    written = samo.write(A_GOOD_DAY, recorded_at=(evening - timedelta(hours=5)).isoformat())
    spoken = samo.record(RECORDINGS / "two_cities.wav", recorded_at=evening.isoformat())
    for entry_id in (written, spoken):
        samo.finished(entry_id)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=QUIET)
        picture(browser, samo, spoken, "desktop", width=1280, height=900)
        picture(browser, samo, written, "phone", width=390, height=844)
        browser.close()


def picture(browser: Browser, samo: Samo, entry_id: str, name: str, *, width: int, height: int) -> None:
    """The entry with its arc in view; the phone shows it in the dark."""
    phone = width < 600
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if phone else "light",
        locale="en-GB",
        timezone_id="UTC",
    )
    page = context.new_page()
    page.goto(f"{samo.address}/#/entry/{entry_id}")
    page.locator(".dot").nth(2).hover()
    page.mouse.move(1, 1)
    if phone:
        page.locator("#entry-arc").evaluate("arc => { arc.scrollIntoView(); scrollBy(0, -48) }")
    page.screenshot(path=PICTURES / f"{name}.png")
    context.close()


if __name__ == "__main__":
    main()
