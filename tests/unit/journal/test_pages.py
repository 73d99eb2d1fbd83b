"""Serving the page: its configuration, its content security policy and its service worker."""

from __future__ import annotations

import json
import re

import pytest
from flask.testing import FlaskClient

from functions.journal.page_server import pages
from functions.shared.access import revocation
from functions.shared.runtime.settings import Settings
from functions.shared.web.app import create_app

DICTATION = "wss://dictation.example.org/v1/dictation"


def client(settings: Settings, dictation: str = "") -> FlaskClient:
    return create_app(pages.routes([], settings, dictation=lambda _: dictation), settings).test_client()


def connect_sources(policy: str) -> list[str]:
    match = re.search(r"connect-src ([^;]+);", policy)
    assert match is not None
    return match[1].split()


@pytest.fixture(autouse=True)
def _no_emulator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(revocation.EMULATOR, raising=False)


def test_on_a_laptop_the_page_has_no_sign_in_and_calls_only_its_server() -> None:
    with client(Settings()) as web:
        page = web.get("/")
        assert connect_sources(page.headers["Content-Security-Policy"]) == ["'self'"]
        assert web.get("/page/config.json").json == {
            "accounts": False,
            "sign_in": None,
            "dictation": None,
            "search": False,
            "similar": False,
            "recordings": None,
            "engines": ["moonshine"],
        }


def test_in_the_cloud_the_page_is_served_only_if_people_can_sign_in() -> None:
    cloud = Settings(backend="gcp", auth_issuer="https://securetoken.google.com/p", auth_audience="p")
    with client(cloud) as web:
        assert web.get("/").status_code == 404
        assert web.get("/page/config.json").status_code == 404
    keyed = Settings(
        backend="gcp",
        auth_issuer="https://securetoken.google.com/p",
        auth_audience="p",
        auth_web_api_key="k",
    )
    with client(keyed, DICTATION) as web:
        policy = web.get("/").headers["Content-Security-Policy"]
        assert connect_sources(policy) == [
            "'self'",
            "https://identitytoolkit.googleapis.com",
            "https://securetoken.googleapis.com",
            "wss://dictation.example.org",
            "https://storage.googleapis.com",
        ]
        config = web.get("/page/config.json").json
        assert config is not None
        assert config["sign_in"]["api_key"] == "k"
        assert config["dictation"] == DICTATION


def test_the_page_has_no_inline_code_and_no_third_party_resources() -> None:
    with client(Settings()) as web:
        page = web.get("/")
        policy = page.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "script-src 'self'; " in policy
        assert "worker-src 'self'" in policy
        assert "manifest-src 'self'" in policy
        assert not re.search(r"<script(?![^>]*\bsrc=)|\bstyle=|\bon\w+=", page.text)
        assert "://" not in page.text


def test_the_service_worker_lists_the_page_and_changes_with_its_configuration() -> None:
    with client(Settings()) as web:
        worker = web.get("/service-worker.js")
    assert worker.mimetype == "text/javascript"
    shell = json.loads(re.search(r"const SHELL = (\[.*\]);", worker.text)[1])  # type: ignore[index]
    assert {"/", "/page/config.json", "/page/main.js", "/page/manifest.webmanifest"} <= set(shell)
    assert not any(path.startswith("/v1") or "service-worker" in path for path in shell)
    with client(Settings()) as web:
        assert web.get("/service-worker.js").text == worker.text
        assert all(web.get(path).status_code == 200 for path in shell)
    with client(Settings(), DICTATION) as web:
        assert web.get("/service-worker.js").text != worker.text


def test_the_page_is_served_with_the_client_it_uses() -> None:
    with client(Settings()) as web:
        module = web.get("/page/client/samo.js")
        assert (module.status_code, module.mimetype) == (200, "text/javascript")
        assert "/page/client/samo.js" in web.get("/service-worker.js").text
        for name in ("client/samo.d.ts", "client/package.json", "globals.d.ts"):
            assert web.get(f"/page/{name}").status_code == 404


def test_an_unchanged_file_is_not_sent_again() -> None:
    with client(Settings()) as web:
        first = web.get("/page/main.js")
        again = web.get("/page/main.js", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert web.get("/page/nothing.js").status_code == 404
        assert web.get("/page/common/../../pages.py").status_code == 404
