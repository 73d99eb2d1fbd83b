"""Pictures of every state of the page, on a phone and a desktop, of a journal that SAMO has really read.

`python -m tests.browser.screenshots FOLDER [STATE…]`; without a folder, the README's two.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import PATIENCE_MS, QUIET, ears
from tests.browser.diary import RECORDINGS, Diary
from tests.browser.guarded import guarded
from tests.browser.microphone import heard
from tests.browser.samo import ROOT, Samo
from tests.browser.states import STATES, Places, show
from tests.support.chromium import chromium_path

README = ROOT / "docs" / "screenshots"
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 800}}
SCHEMES = {"phone": "dark", "desktop": "light"}


def main(arguments: Sequence[str]) -> None:
    with journals() as places, chromium() as browser:
        if not arguments:
            readme(browser, places)
            return
        folder = Path(arguments[0])
        folder.mkdir(parents=True, exist_ok=True)
        for name in arguments[1:] or STATES:
            for device in SIZES:
                picture(browser, places, name, device, folder)


@contextmanager
def journals() -> Iterator[Places]:
    with tempfile.TemporaryDirectory(prefix="samo-screenshots-") as folder:
        laptop = Samo(Path(folder) / "laptop")
        try:
            with guarded(Path(folder) / "guarded") as journal:
                yield Places(journal, Diary(journal.samo), laptop)
        finally:
            laptop.stop()


@contextmanager
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with tempfile.TemporaryDirectory(prefix="samo-microphone-") as folder, sync_playwright() as playwright:
        microphone = heard(RECORDINGS / "beckett.wav", Path(folder))
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=[*QUIET, *ears(microphone)]
        )
        yield browser
        browser.close()


def picture(browser: Browser, places: Places, name: str, device: str, folder: Path) -> None:
    """The state as it is seen at first and, where there is more, the whole of it."""
    page = opened(browser, device, SCHEMES[device])
    try:
        STATES[name](page, places)
        page.mouse.move(1, 1)
        page.screenshot(path=folder / f"{name}.{device}.png", animations="disabled")
        if page.evaluate("document.documentElement.scrollHeight > innerHeight + 40"):
            page.screenshot(path=folder / f"{name}.{device}.whole.png", full_page=True, animations="disabled")
    except AssertionError as error:
        page.screenshot(path=folder / f"{name}.{device}.not-reached.png")
        print(name, device, str(error).splitlines()[0])
    finally:
        page.context.close()


def opened(browser: Browser, device: str, scheme: str) -> Page:
    context = browser.new_context(
        viewport=SIZES[device],  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
        has_touch=device == "phone",
        locale="en-GB",
        timezone_id="Europe/Berlin",
        service_workers="block",
    )
    context.set_default_timeout(PATIENCE_MS)
    return context.new_page()


def readme(browser: Browser, places: Places) -> None:
    """A spoken entry on a desktop, a written one on a phone in the dark, and a month."""
    README.mkdir(parents=True, exist_ok=True)
    desktop = opened(browser, "desktop", "light")
    desktop.set_viewport_size({"width": 1280, "height": 1000})
    show(desktop, places, places.diary.spoken)
    desktop.locator(".dot").nth(2).hover()
    desktop.mouse.move(1, 1)
    desktop.screenshot(path=README / "desktop.png")
    phone = opened(browser, "phone", "dark")
    show(phone, places, places.diary.written)
    phone.locator("#entry-arc").evaluate("arc => { arc.scrollIntoView(); scrollBy(0, -48) }")
    phone.screenshot(path=README / "phone.png")
    month = opened(browser, "phone", "light")
    STATES["calendar"](month, places)
    month.screenshot(path=README / "calendar.png")
    for page in (desktop, phone, month):
        page.context.close()


if __name__ == "__main__":
    main(sys.argv[1:])
