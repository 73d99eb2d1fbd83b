"""Entries in other languages: kept, shown, found by word and exported, with nothing invented."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient

from functions.laptop.process import LocalProcess
from functions.shared.runtime.settings import Settings
from tests.support import api
from tests.support.waiting import wait_until

GERMAN = (
    "Heute habe ich mit Jürgen im Garten gearbeitet. Die Äpfel sind endlich reif! Ich will nicht mehr leben."
)
ARABIC = "ذهبتُ اليوم إلى السوق مع أمي واشترينا الخبز."
JAPANESE = "今日は母と電話で話した。とても嬉しかった。"
MIXED = (
    "I was so happy to see my sister at the airport that I cried and cried. "
    "Nous avons mangé une crêpe au chocolat devant la cathédrale."
)
ENGLISH = "I passed the driving test at the third attempt and cried in the car park."


@pytest.fixture(scope="module")
def samo(tmp_path_factory: pytest.TempPathFactory) -> LocalProcess:
    return LocalProcess(Settings(data_dir=str(tmp_path_factory.mktemp("languages") / "journal")))


@pytest.fixture(scope="module")
def client(samo: LocalProcess) -> Iterator[FlaskClient]:
    with samo, samo.app().test_client() as client:
        yield client


@pytest.fixture(scope="module")
def ids(client: FlaskClient) -> dict[str, str]:
    """A journal in several languages, when all of it is ready."""
    texts = {"german": GERMAN, "arabic": ARABIC, "japanese": JAPANESE, "mixed": MIXED, "english": ENGLISH}
    ids = {name: str(api.create(client, text)["id"]) for name, text in texts.items()}
    wait_until(lambda: all(read(client, entry_id)["status"] == "ready" for entry_id in ids.values()))
    return ids


def read(client: FlaskClient, entry_id: str) -> dict[str, Any]:
    entry: dict[str, Any] = client.get(f"/v1/entries/{entry_id}").json or {}
    return entry


def search(client: FlaskClient, query: str, **parameters: str) -> list[dict[str, Any]]:
    response = client.get("/v1/search", query_string={"q": query, **parameters})
    assert response.status_code == 200, response.text
    results: list[dict[str, Any]] = (response.json or {})["results"]
    return results


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [("german", "de", GERMAN), ("arabic", "ar", ARABIC), ("japanese", "ja", JAPANESE)],
)
def test_an_entry_in_another_language_is_kept_and_nothing_is_invented(
    client: FlaskClient, ids: dict[str, str], name: str, code: str, text: str
) -> None:
    entry = read(client, ids[name])
    insight = entry["insight"]
    assert entry["transcript"]["text"] == text
    assert (entry["language"], entry["opening"]) == (code, text)
    assert {segment["language"] for segment in entry["transcript"]["segments"]} == {code}
    assert insight["empty_reason"] == "unsupported_language"
    assert [insight[part] for part in ("emotions", "feelings", "topics", "arc", "claims")] == [
        [],
        [],
        [],
        [],
        [],
    ]
    assert [insight[part] for part in ("sentiment", "summary", "title")] == [None, None, None]
    assert entry["support"] is None
    assert [stage["state"] for stage in entry["stages"]] == ["skipped", "done", "skipped"]


def test_lists_have_the_first_words_of_entries_without_a_summary(
    client: FlaskClient, ids: dict[str, str]
) -> None:
    listed = {entry["id"]: entry for entry in (client.get("/v1/entries").json or {})["entries"]}
    assert listed[ids["german"]]["opening"] == GERMAN
    assert listed[ids["german"]]["transcript"] is None
    assert listed[ids["english"]]["opening"] is None


def test_of_a_mixed_entry_the_english_sentences_are_analyzed(
    client: FlaskClient, ids: dict[str, str]
) -> None:
    entry = read(client, ids["mixed"])
    segments, insight = entry["transcript"]["segments"], entry["insight"]
    assert [segment.get("language") for segment in segments] == [None, "fr"]
    assert [point["segment"] for point in insight["arc"]] == [0]
    assert insight["emotions"]
    assert {claim_segment for claim in insight["claims"] for claim_segment in claim["segments"]} <= {0}
    assert {quote["segment"] for quote in insight["summary"]["quotes"]} == {0}
    assert insight["empty_reason"] is None
    assert (entry["language"], entry["opening"]) == ("en", None)


@pytest.mark.parametrize(
    ("query", "name", "passage"),
    [
        ("jurgen", "german", "Heute habe ich mit Jürgen im Garten gearbeitet."),
        ("ÄPFEL", "german", "Die Äpfel sind endlich reif!"),
        ("apfel garten", "german", None),
        ("ذهبت السوق", "arabic", ARABIC),
        ("電話", "japanese", "今日は母と電話で話した。"),
        ("母", "japanese", "今日は母と電話で話した。"),
        ("嬉しかった", "japanese", "とても嬉しかった。"),
        ("crepe", "mixed", "Nous avons mangé une crêpe au chocolat devant la cathédrale."),
    ],
)
def test_other_languages_are_found_by_word_first(
    client: FlaskClient, ids: dict[str, str], query: str, name: str, passage: str | None
) -> None:
    best = search(client, query)[0]
    assert (best["entry"]["id"], best["match"], best["score"]) == (ids[name], "words", 1.0)
    assert passage is None or best["passage"] == passage


def test_an_entry_needs_all_the_words_of_a_query(client: FlaskClient, ids: dict[str, str]) -> None:
    assert all(result["match"] == "meaning" for result in search(client, "Apfel Flughafen"))
    assert search(client, "電車") == []


def test_english_is_found_by_meaning(client: FlaskClient, ids: dict[str, str]) -> None:
    results = search(client, "a success after failing twice")
    assert (results[0]["entry"]["id"], results[0]["match"]) == (ids["english"], "meaning")
    found = {result["entry"]["id"] for result in results}
    assert not found & {ids["german"], ids["arabic"], ids["japanese"]}


def test_filters_apply_to_words_too(client: FlaskClient, ids: dict[str, str]) -> None:
    assert search(client, "crepe", emotion="joy")[0]["entry"]["id"] == ids["mixed"]
    assert ids["german"] not in {result["entry"]["id"] for result in search(client, "garten", emotion="joy")}
    assert search(client, "電話", to="2020-01-01T00:00:00Z") == []


def test_an_entry_in_another_language_resembles_no_other(client: FlaskClient, ids: dict[str, str]) -> None:
    assert (client.get(f"/v1/entries/{ids['german']}/similar").json or {})["results"] == []


def test_what_its_user_says_of_an_entry_in_another_language_counts(
    client: FlaskClient, ids: dict[str, str]
) -> None:
    entry_id = ids["arabic"]
    response = client.patch(f"/v1/entries/{entry_id}/corrections", json={"emotions": ["joy"]})
    assert response.status_code == 200, response.text
    assert [claim["label"] for claim in read(client, entry_id)["insight"]["claims"]] == ["joy"]
    assert client.delete(f"/v1/entries/{entry_id}/corrections").status_code == 200


def test_exports_have_other_languages(client: FlaskClient, ids: dict[str, str]) -> None:
    job = (client.post("/v1/exports").json or {})["id"]
    wait_until(lambda: (client.get(f"/v1/jobs/{job}").json or {})["state"] == "done")
    with client.get(f"/v1/jobs/{job}/result") as response, ZipFile(io.BytesIO(response.data)) as archive:
        name = next(name for name in archive.namelist() if ids["german"] in name)
        exported = json.loads(archive.read(name))
    assert exported["transcript"]["text"] == GERMAN
    assert exported["language"] == "de"


def test_an_edit_forgets_the_words_and_the_opening(client: FlaskClient) -> None:
    entry_id = str(api.create(client, "Morgen fahre ich mit dem Nachtzug nach Triest.")["id"])
    wait_until(lambda: read(client, entry_id)["status"] == "ready")
    assert search(client, "nachtzug")[0]["entry"]["id"] == entry_id
    assert client.patch(f"/v1/entries/{entry_id}", json={"text": ENGLISH}).status_code == 200
    wait_until(lambda: read(client, entry_id)["status"] == "ready")
    assert all(result["match"] == "meaning" for result in search(client, "nachtzug"))
    entry = read(client, entry_id)
    assert (entry["language"], entry["opening"]) == ("en", None)
    assert entry["insight"]["emotions"]
