"""Renders the page's SVG icon as PNG files: `python -m tests.browser.icons`."""

from __future__ import annotations

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import CHROMIUM_FLAGS
from tests.browser.samo import ROOT
from tests.support.chromium import chromium_path

ICONS = ROOT / "functions" / "journal" / "page" / "icons"
ROUNDED = {"icon-192": 192, "icon-512": 512}
MASKABLE = {"maskable-512": 512}
"""Platforms crop these to their own shape, so the background fills the square and the drawing its center."""


def main() -> None:
    drawing = (ICONS / "icon.svg").read_text(encoding="utf-8")
    full = drawing.replace('rx="9"', "").replace(
        "<path", '<g transform="translate(4.8 4.8) scale(.7)"><path', 1
    )
    full = full.replace("</svg>", "</g></svg>")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        page = browser.new_page()
        for name, size in ROUNDED.items():
            draw(page, drawing, name, size)
        for name, size in MASKABLE.items():
            draw(page, full, name, size)
        browser.close()


def draw(page: Page, drawing: str, name: str, size: int) -> None:
    page.set_viewport_size({"width": size, "height": size})
    sized = drawing.replace("<svg", f'<svg width="{size}" height="{size}" style="display:block"', 1)
    page.set_content(f'<body style="margin:0;background:transparent">{sized}')
    page.screenshot(path=ICONS / f"{name}.png", omit_background=True)


if __name__ == "__main__":
    main()
