"""`POST /summarize` with the shipped engine: text or segments, styles, and edge cases."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from functions.shared.runtime.settings import Settings
from functions.shared.web.app import create_app
from functions.summarization import service

STORY = "We drove to the sea. " * 30 + "My sister cried, and I was glad that she told me."


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    settings = Settings(summary_model="not-there")
    return create_app(service.routes(settings), settings).test_client()


def summary(client: FlaskClient, **body: Any) -> dict[str, Any]:
    response = client.post("/summarize", json=body)
    assert response.status_code == 200, response.json
    return dict((response.json or {})["summary"])


def test_a_text_is_summarized_in_its_own_sentences(client: FlaskClient) -> None:
    result = summary(client, text=STORY, max_sentences=2)
    assert "fallback_reason" not in result
    assert 1 <= len(result["quotes"]) <= 2
    assert all(quote["text"] in STORY for quote in result["quotes"])
    assert result["title"]


def test_segments_keep_their_times(client: FlaskClient) -> None:
    lines = ["I cried.", "It rained."]
    segments = [{"text": line, "start": start, "end": start + 1.0} for start, line in enumerate(lines)]
    quotes = summary(client, segments=segments)["quotes"]
    assert [(quote["start"], quote["end"]) for quote in quotes] == [(0.0, 1.0), (1.0, 2.0)]


def test_the_abstract_style_without_a_model_falls_back_to_extracts(client: FlaskClient) -> None:
    result = summary(client, text=STORY, style="abstract")
    assert result["fallback_reason"] == "not_installed"
    assert result["quotes"] == summary(client, text=STORY)["quotes"]


@pytest.mark.parametrize("text", ["Rain", "rain.", "I was sad today.", "I was sad 😢 today 😢."])
def test_a_single_sentence_is_returned_unchanged(client: FlaskClient, text: str) -> None:
    assert [quote["text"] for quote in summary(client, text=text)["quotes"]] == [text]


def test_markup_and_emoji_are_handled(client: FlaskClient) -> None:
    page = "## Sunday 🌧️\n\n- **wrote** to [Lena](https://example.com)\n- slept <b>badly</b>\n"
    assert "**" not in summary(client, text=page * 5)["text"]


def test_what_is_no_sentence_is_not_quoted(client: FlaskClient) -> None:
    sentences = "I baked bread. It was <b>so</b> good. I gave half of it away &amp; slept."
    table = "| Flour | Salt |\n|---|---|\n| 500 | 10 |\n"
    page = f"---\ntitle: Baking\n---\n{table}\n{sentences}\n```\nrise(2)\n```\n"
    result = summary(client, text=page)
    assert result["text"] == "I baked bread. It was so good. I gave half of it away & slept."
    assert [quote["text"] for quote in result["quotes"]] == [
        "I baked bread.",
        "It was <b>so</b> good.",
        "I gave half of it away &amp; slept.",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Heute war ein langer Tag im Büro und ich bin müde.", "unsupported_language"),
        ("… 7!", "no_words"),
    ],
)
def test_text_that_cant_be_understood_has_a_reason(client: FlaskClient, text: str, reason: str) -> None:
    assert client.post("/summarize", json={"text": text}).json == {"summary": None, "empty_reason": reason}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": "   "}, 400, "empty_text"),
        ({"text": "word " * 50_000}, 413, "text_too_long"),
        ({}, 400, "invalid_field"),
        ({"text": "a", "segments": []}, 400, "invalid_field"),
        ({"text": "a", "style": "poem"}, 400, "invalid_field"),
        ({"text": "a", "max_sentences": 0}, 400, "invalid_field"),
    ],
)
def test_invalid_requests_are_rejected(
    client: FlaskClient, body: dict[str, Any], status: int, code: str
) -> None:
    response = client.post("/summarize", json=body)
    assert (response.status_code, (response.json or {})["code"]) == (status, code)
