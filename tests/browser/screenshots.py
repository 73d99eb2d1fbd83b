"""Takes screenshots of every state of the page, on a phone and a desktop, with real results.

`python -m tests.browser.screenshots FOLDER [STATE…]`; without a folder, only those shown in the documents.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.accounts import journal_with_accounts
from tests.browser.conftest import CHROMIUM_FLAGS, TIMEOUT_MS, fake_microphone
from tests.browser.diary import RECORDINGS, Diary
from tests.browser.microphone import as_microphone_input
from tests.browser.samo import ROOT, Samo
from tests.browser.states import STATES, Journals, show
from tests.support.chromium import chromium_path

SCREENSHOTS = ROOT / "docs" / "screenshots"
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 800}}
SCHEMES = {"phone": "dark", "desktop": "light"}


def main(arguments: Sequence[str]) -> None:
    with running_journals() as journals, chromium() as browser:
        if not arguments:
            document_screenshots(browser, journals)
            return
        folder = Path(arguments[0])
        folder.mkdir(parents=True, exist_ok=True)
        for name in arguments[1:] or STATES:
            for device in SIZES:
                screenshot(browser, journals, name, device, folder)


@contextmanager
def running_journals() -> Iterator[Journals]:
    with tempfile.TemporaryDirectory(prefix="samo-screenshots-") as folder:
        laptop = Samo(Path(folder) / "laptop")
        try:
            with journal_with_accounts(Path(folder) / "accounts") as journal:
                yield Journals(journal, Diary(journal.samo), laptop)
        finally:
            laptop.stop()


@contextmanager
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=TIMEOUT_MS)
    with tempfile.TemporaryDirectory(prefix="samo-microphone-") as folder, sync_playwright() as playwright:
        microphone = as_microphone_input(RECORDINGS / "beckett.wav", Path(folder))
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=[*CHROMIUM_FLAGS, *fake_microphone(microphone)]
        )
        yield browser
        browser.close()


def screenshot(browser: Browser, journals: Journals, name: str, device: str, folder: Path) -> None:
    """Screenshot of the viewport and, if the page is longer, of the whole page."""
    page = open_page(browser, device, SCHEMES[device])
    try:
        STATES[name](page, journals)
        page.mouse.move(1, 1)
        page.screenshot(path=folder / f"{name}.{device}.png", animations="disabled")
        if page.evaluate("document.documentElement.scrollHeight > innerHeight + 40"):
            page.screenshot(path=folder / f"{name}.{device}.whole.png", full_page=True, animations="disabled")
    except AssertionError as error:
        page.screenshot(path=folder / f"{name}.{device}.not-reached.png")
        print(name, device, str(error).splitlines()[0])
    finally:
        page.context.close()


def open_page(browser: Browser, device: str, scheme: str) -> Page:
    context = browser.new_context(
        viewport=SIZES[device],  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
        has_touch=device == "phone",
        locale="en-GB",
        timezone_id="Europe/Berlin",
        service_workers="block",
    )
    context.set_default_timeout(TIMEOUT_MS)
    return context.new_page()


def document_screenshots(browser: Browser, journals: Journals) -> None:
    """A voice entry on a desktop, a text entry on a phone in dark mode, and the calendar."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    desktop = open_page(browser, "desktop", "light")
    desktop.set_viewport_size({"width": 1280, "height": 1000})
    show(desktop, journals, journals.diary.spoken)
    desktop.locator(".dot").nth(2).hover()
    desktop.mouse.move(1, 1)
    desktop.screenshot(path=SCREENSHOTS / "desktop.png")
    phone = open_page(browser, "phone", "dark")
    show(phone, journals, journals.diary.written)
    phone.locator("#entry-arc").evaluate("arc => { arc.scrollIntoView(); scrollBy(0, -48) }")
    phone.screenshot(path=SCREENSHOTS / "phone.png")
    month = open_page(browser, "phone", "light")
    STATES["calendar"](month, journals)
    month.screenshot(path=SCREENSHOTS / "calendar.png")
    for page in (desktop, phone, month):
        page.context.close()


if __name__ == "__main__":
    main(sys.argv[1:])
