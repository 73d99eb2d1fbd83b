"""The real journal in its own process, and a real Chromium whose microphone plays a known recording."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.accounts import journal_with_accounts
from tests.browser.diary import Diary
from tests.browser.microphone import as_microphone_input
from tests.browser.samo import Samo, StartSamo
from tests.browser.states import Journals
from tests.support.chromium import chromium_path

CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
TIMEOUT_MS = 60_000
DESKTOP = {"width": 1280, "height": 900}


def fake_microphone(microphone: Path) -> tuple[str, ...]:
    """Flags that grant access to the microphone and play a file into it."""
    return (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}%noloop",
    )


@pytest.fixture
def start_samo(tmp_path: Path) -> Iterator[StartSamo]:
    """Starts a journal for this test alone; every call uses the same data folder."""
    started: list[Samo] = []

    def start(port: int | None = None, **settings: str) -> Samo:
        started.append(Samo(tmp_path / "journal", port, settings))
        return started[-1]

    yield start
    for samo in started:
        samo.stop()


@pytest.fixture(scope="session")
def samo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samo]:
    """A journal shared by most tests."""
    shared = Samo(tmp_path_factory.mktemp("browser") / "journal")
    yield shared
    shared.stop()


@pytest.fixture(scope="session")
def spoken(samo: Samo, recordings: Path) -> str:
    """The id of a finished spoken entry with several sentences."""
    entry_id = samo.record(recordings / "two_cities.wav")
    assert samo.finished(entry_id)["status"] == "ready"
    return entry_id


@pytest.fixture(scope="session")
def journals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journals]:
    """A filled journal with accounts, and an empty one without."""
    folder = tmp_path_factory.mktemp("places")
    laptop = Samo(folder / "laptop")
    with journal_with_accounts(folder / "accounts") as journal:
        yield Journals(journal, Diary(journal.samo), laptop)
    laptop.stop()


@pytest.fixture(scope="session")
def microphone(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recording that the browser's microphone plays: 48 kHz WAV."""
    return as_microphone_input(recordings / "beckett.wav", tmp_path_factory.mktemp("microphone"))


@pytest.fixture(scope="module")
def browser(microphone: Path) -> Iterator[Browser]:
    """One browser per module: while Playwright runs, its event loop blocks all others in this thread."""
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=chromium_path(), args=[*CHROMIUM_FLAGS, *fake_microphone(microphone)]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def expected_errors() -> list[str]:
    """Parts of the console errors that a test provokes."""
    return []


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(  # the service worker is tested in test_offline
        viewport=DESKTOP,  # type: ignore[arg-type]
        locale="en-GB",
        timezone_id="Europe/Berlin",
        service_workers="block",
    )
    context.set_default_timeout(TIMEOUT_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, expected_errors: list[str]) -> Iterator[Page]:
    """A page; fails the test if its console shows other errors, such as violations of the content policy."""
    errors: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    unexpected = [text for text in errors if not any(part in text for part in expected_errors)]
    assert unexpected == []
