"""What OpenAI's clients send: parameters, and prompts as names and terms."""

from __future__ import annotations

from typing import Any

import flask
import pytest
from werkzeug.datastructures import MultiDict

from functions.shared.errors import InvalidRequest
from functions.shared.web.routing import Problem
from functions.transcription.openai import errors, form
from functions.transcription.openai.hotwords import MAX_HOTWORDS, hotwords
from functions.transcription.openai.languages import code_of


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("", ()),
        ("Wójcik, kubectl, Digique Plus", ("Wójcik", "kubectl", "Digique Plus")),
        ("Glossary: Zyntrix; O'Brien\nAnne-Marie", ("Zyntrix", "O'Brien", "Anne-Marie")),
        ("Yesterday I met Siobhán and her son in Łódź.", ("Siobhán", "Łódź")),
        ("We saw Anna Maria Kowalska there.", ("Anna Maria Kowalska",)),
        ("GitHub and B2B came up. They said nothing.", ("GitHub", "B2B")),
        ("Umm, let me think like, hmm... Okay, here's what I'm thinking.", ()),
        ("Hello, how are you?", ()),
        ("Tell Anna, Ben and Siobhán. Ask Anna again.", ("Anna", "Ben", "Siobhán")),
    ],
)
def test_a_prompt_names_what_to_favor(prompt: str, expected: tuple[str, ...]) -> None:
    assert hotwords(prompt) == expected


def test_keywords_are_added_once_each() -> None:
    assert hotwords("Anna, Ben", ["Ben", " Digique   Plus ", ""]) == ("Anna", "Ben", "Digique Plus")


def test_the_end_of_a_long_prompt_counts() -> None:
    names = [f"Name{index}" for index in range(MAX_HOTWORDS + 50)]
    assert hotwords(", ".join(names)) == tuple(names[50:])
    assert hotwords("x" * 100_000) == ()


def read(**fields: Any) -> form.TranscriptionForm:
    with flask.Flask(__name__).test_request_context(
        "/", method="POST", data=MultiDict(fields), content_type="multipart/form-data; boundary=b"
    ):
        return form.read(flask.request)


def test_lists_are_read_with_and_without_brackets() -> None:
    verbose = {"model": "whisper-1", "response_format": "verbose_json"}
    for name in ("timestamp_granularities[]", "timestamp_granularities"):
        read_form = read(**verbose, **{name: ["word", "segment"]})
        assert read_form.timestamp_granularities == ("word", "segment")


def test_a_form_has_the_defaults_of_openais_api() -> None:
    read_form = read(model="whisper-1", language="", some_parameter="to come")
    assert (read_form.response_format, read_form.stream, read_form.language_code) == ("json", False, None)


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [({}, "model"), ({"model": ""}, "model"), ({"model": "m", "stream": "x"}, "stream")],
)
def test_a_missing_or_wrong_parameter_is_named(fields: dict[str, str], at_fault: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        read(**fields)
    error = raised.value
    assert error.code == "invalid_parameter"
    problem = Problem(title="", status=error.status, code=error.code, detail=error.detail)
    assert errors.convert(problem).error.param == at_fault


@pytest.mark.parametrize(
    ("language", "code"), [("en", "en"), ("EN", "en"), ("english", "en"), ("French", "fr"), ("xx", None)]
)
def test_languages_have_codes_and_names(language: str, code: str | None) -> None:
    assert code_of(language) == code
