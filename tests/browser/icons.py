"""The page's icons as PNG, drawn from its SVG: `python -m tests.browser.icons`."""

from __future__ import annotations

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import QUIET
from tests.browser.samo import ROOT
from tests.support.chromium import chromium_path

ICONS = ROOT / "functions" / "journal" / "page" / "icons"
ROUNDED = {"icon-192": 192, "icon-512": 512}
MASKABLE = {"maskable-512": 512}
"""Platforms cut these to a shape of their own: the background fills the square, the drawing its middle."""


def main() -> None:
    drawing = (ICONS / "icon.svg").read_text(encoding="utf-8")
    full = drawing.replace('rx="9"', "").replace(
        "<path", '<g transform="translate(4.8 4.8) scale(.7)"><path', 1
    )
    full = full.replace("</svg>", "</g></svg>")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=QUIET)
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
