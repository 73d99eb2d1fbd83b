"""Runs the examples of the README against a journal, in Python, Node and a browser."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect, sync_playwright

from tests.support.chromium import chromium_path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "clients" / "examples"
TIMEOUT_MS = 60_000
REACT = """<!doctype html><title>React</title><div id="root"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script type="importmap">{"imports": {"react": "/clients/react.js"}}</script>
<script type="module">
  import { Samo } from "/clients/javascript/samo.js";
  const spec = { openapi: "3.1.0", info: { title: "", version: "" }, paths: {} };
  window.React = SwaggerUIBundle({ spec }).getSystem().React;
  const { useEntry } = await import("/clients/examples/useEntry.jsx");
  const samo = new Samo(location.origin);
  const Insight = () => {
    const [id, choose] = React.useState(location.hash.slice(1));
    const { entry, error } = useEntry(samo, id);
    onhashchange = () => choose(location.hash.slice(1));
    return React.createElement("p", {}, error?.code ?? entry?.insight.summary?.text ?? "…");
  };
  const plugins = [() => ({ components: { Insight } })];
  SwaggerUIBundle({ spec, dom_id: "#root", layout: "Insight", plugins });
</script>"""
"""A page that uses the hook, with the React that Swagger UI bundles."""


def run(journal: str, *command: str) -> str:
    environment = {**os.environ, "SAMO_URL": journal, "PYTHONPATH": str(ROOT / "clients" / "python")}
    process = subprocess.run(command, env=environment, text=True, capture_output=True, timeout=120, cwd=ROOT)
    assert process.returncode == 0, process.stderr
    return process.stdout


def check(output: str) -> None:
    """Checks that an example printed every state of the entry."""
    assert "summarization: done" in output
    assert "relief" in output
    assert "summary: " in output
    assert "found (" in output
    assert output.endswith("deleted\n")


def test_the_python_example_runs(journal: str) -> None:
    check(run(journal, sys.executable, "-W", "error", "clients/examples/journal.py"))


@pytest.mark.node
def test_the_javascript_example_runs(journal: str) -> None:
    check(run(journal, "node", "clients/examples/journal.mjs"))


@pytest.mark.parametrize("name", ["journal.py", "journal.mjs"])
def test_examples_are_short_and_shown_in_the_readme(name: str) -> None:
    text = (EXAMPLES / name).read_text()
    assert len(text.splitlines()) < 30
    assert f"\n{text}```" in (ROOT / "clients" / "README.md").read_text()


@pytest.mark.node
def test_node_imports_every_module() -> None:
    for module in (ROOT / "clients" / "javascript").glob("*.js"):
        subprocess.run(["node", "--check", str(module)], check=True)


@pytest.fixture
def page(journal: str) -> Iterator[Page]:
    """A browser page; the journal's address also serves the clients, as behind a proxy."""

    def give(route: Route) -> None:
        path = ROOT / route.request.url.removeprefix(f"{journal}/").partition("?")[0]
        route.fulfill(body=path.read_bytes(), content_type=_TYPES[path.suffix])

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        page.route(f"{journal}/clients/**", give)
        page.route(f"{journal}/react", lambda route: route.fulfill(body=REACT, content_type="text/html"))
        shim = "export const { useEffect, useState } = window.React;"
        page.route(
            f"{journal}/clients/react.js",
            lambda route: route.fulfill(body=shim, content_type="text/javascript"),
        )
        yield page
        browser.close()


_TYPES = {".html": "text/html", ".js": "text/javascript", ".jsx": "text/javascript"}


@pytest.mark.browser
def test_the_plain_page_shows_an_insight(journal: str, page: Page) -> None:
    page.goto(f"{journal}/clients/examples/page.html")
    page.get_by_role("button", name="Save").click()
    emotions = page.get_by_role("list", name="Emotions")
    expect(emotions).to_contain_text("pride", timeout=TIMEOUT_MS)
    page.get_by_label("Your note").fill(" \n ")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("the text is empty", timeout=TIMEOUT_MS)


@pytest.mark.browser
def test_the_react_hook_follows_an_entry(journal: str, page: Page) -> None:
    created = [
        page.request.post(f"{journal}/v1/entries", data={"text": text}).json()["id"]
        for text in ("I am so happy about the garden.", "I passed the exam! Thank you all.")
    ]
    page.goto(f"{journal}/react#{created[0]}")
    expect(page.locator("p")).to_contain_text("garden", timeout=TIMEOUT_MS)
    page.evaluate(f"location.hash = '{created[1]}'")
    expect(page.locator("p")).to_contain_text("exam", timeout=TIMEOUT_MS)
    page.evaluate("location.hash = 'nowhere'")
    expect(page.locator("p")).to_have_text("entry_not_found", timeout=TIMEOUT_MS)
