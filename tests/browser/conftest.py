"""The real journal in a process of its own, and a real Chromium that hears a known recording."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.diary import Diary
from tests.browser.guarded import guarded
from tests.browser.microphone import heard
from tests.browser.samo import Samo, StartSamo
from tests.browser.states import Places
from tests.support.chromium import chromium_path

QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE_MS = 60_000
DESKTOP = {"width": 1280, "height": 900}


def ears(microphone: Path) -> tuple[str, ...]:
    """The microphone is granted, and hears a file."""
    return (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}%noloop",
    )


@pytest.fixture
def start_samo(tmp_path: Path) -> Iterator[StartSamo]:
    """Starts a journal of the test's own; on the same data folder each time."""
    started: list[Samo] = []

    def start(port: int | None = None, **settings: str) -> Samo:
        started.append(Samo(tmp_path / "journal", port, settings))
        return started[-1]

    yield start
    for samo in started:
        samo.stop()


@pytest.fixture(scope="session")
def samo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samo]:
    """One journal that most tests share."""
    shared = Samo(tmp_path_factory.mktemp("browser") / "journal")
    yield shared
    shared.stop()


@pytest.fixture(scope="session")
def spoken(samo: Samo, recordings: Path) -> str:
    """The id of a spoken entry of several sentences, fully read."""
    entry_id = samo.record(recordings / "two_cities.wav")
    assert samo.finished(entry_id)["status"] == "ready"
    return entry_id


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """A journal with a diary in it, whose owner signs in, and one on a laptop that is empty."""
    folder = tmp_path_factory.mktemp("places")
    laptop = Samo(folder / "laptop")
    with guarded(folder / "guarded") as journal:
        yield Places(journal, Diary(journal.samo), laptop)
    laptop.stop()


@pytest.fixture(scope="session")
def microphone(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the browser's microphone hears, as it takes it: 48 kHz WAV."""
    return heard(recordings / "beckett.wav", tmp_path_factory.mktemp("microphone"))


@pytest.fixture(scope="module")
def browser(microphone: Path) -> Iterator[Browser]:
    """A module's own: while Playwright lives, its event loop runs in this thread, and no other can."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=chromium_path(), args=[*QUIET, *ears(microphone)]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def expected() -> list[str]:
    """What a test expects the console to complain of, in part (a refusal it asks for, say)."""
    return []


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(  # the service worker has tests of its own
        viewport=DESKTOP,  # type: ignore[arg-type]
        locale="en-GB",
        timezone_id="Europe/Berlin",
        service_workers="block",
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, expected: list[str]) -> Iterator[Page]:
    """A page; after the test, its console must be free of errors (the content policy's among them)."""
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    unexpected = [text for text in complaints if not any(part in text for part in expected)]
    assert unexpected == []
