"""The journal's HTTP API, in the laptop's application without its workers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from functions.laptop.process import LocalProcess
from functions.shared.runtime.settings import Settings
from tests.support import api
from tests.support.api import problem

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
wav = partial(api.wav, rate=8000, sample=b"\x00\x10")
TEXT = "I was afraid of this day, and then it was lovely."


@pytest.fixture
def samo(tmp_path: Path) -> LocalProcess:
    return LocalProcess(Settings(data_dir=str(tmp_path / "journal"), max_audio_minutes=1))


@pytest.fixture
def client(samo: LocalProcess) -> Iterator[FlaskClient]:
    with samo.app().test_client() as client:
        yield client


def form(recording: bytes, **fields: str) -> dict[str, Any]:
    return api.form(("note.wav", recording), **fields)


def create(client: FlaskClient, text: str = TEXT, **fields: str) -> dict[str, Any]:
    return api.create(client, text, **fields)


# -- entries ------------------------------------------------------------------------------------


def test_a_text_entry_has_its_transcript_immediately(client: FlaskClient) -> None:
    response = client.post("/v1/entries", json={"text": TEXT})
    assert response.status_code == 201
    entry = response.json or {}
    assert response.headers["Location"] == f"/v1/entries/{entry['id']}"
    assert (entry["source"], entry["status"], entry["revision"]) == ("text", "processing", 1)
    assert entry["transcript"]["text"] == TEXT
    assert client.get(response.headers["Location"]).json == entry


@pytest.mark.parametrize("send", ["multipart", "raw"])
def test_a_recording_becomes_an_entry_and_can_be_played(client: FlaskClient, send: str) -> None:
    if send == "raw":
        response = client.post("/v1/entries?timezone=Europe/Zurich", data=wav(), content_type="audio/wav")
    else:
        response = client.post("/v1/entries", **form(wav(), timezone="Europe/Zurich"))
    assert response.status_code == 201, response.text
    entry = response.json or {}
    assert (entry["source"], entry["timezone"]) == ("voice", "Europe/Zurich")
    assert entry["audio"]["content_type"] == "audio/wav"
    played = client.get(entry["audio"]["url"], buffered=True)
    assert (played.status_code, played.data) == (200, wav())
    part = client.get(entry["audio"]["url"], headers={"Range": "bytes=4-7"}, buffered=True)
    assert (part.status_code, part.data) == (206, wav()[4:8])
    assert {played.headers["Cache-Control"], part.headers["Cache-Control"]} == {"private, no-cache"}


def test_a_recording_can_be_uploaded_after_its_entry_is_created(client: FlaskClient) -> None:
    opened = client.post("/v1/uploads", json={"size": len(wav()), "content_type": "audio/wav"})
    assert opened.status_code == 201, opened.text
    session = opened.json or {}
    assert session["entry"]["status"] == "awaiting_audio"
    sent = client.put(session["url"], data=wav(), headers=session["headers"])
    assert (sent.status_code, (sent.json or {})["status"]) == (200, "processing")
    again = client.put(session["url"], data=wav(), headers=session["headers"])
    assert problem(again) == (409, "audio_exists")


def test_an_upload_that_is_not_a_recording_is_rejected(client: FlaskClient) -> None:
    opened = client.post("/v1/uploads", json={"size": 5, "content_type": "audio/wav"})
    path = (opened.json or {})["url"]
    response = client.put(path, data=b"words", content_type="audio/wav")
    assert problem(response) == (415, "undecodable_audio")
    assert client.put(path, data=wav(), content_type="audio/wav").status_code == 200


@pytest.mark.parametrize(
    ("new", "status", "code"),
    [
        ({"size": 200 * 1024 * 1024 + 1, "content_type": "audio/wav"}, 413, "audio_too_large"),
        ({"size": 0, "content_type": "audio/wav"}, 400, "invalid_field"),
        ({"size": 5, "content_type": "text/html"}, 400, "invalid_field"),
        ({"size": 5, "content_type": "audio/wav\r\nX-Evil: 1"}, 400, "invalid_field"),
        ({"content_type": "audio/wav"}, 400, "invalid_field"),
    ],
)
def test_an_invalid_upload_session_request_is_rejected(
    client: FlaskClient, new: dict[str, Any], status: int, code: str
) -> None:
    assert problem(client.post("/v1/uploads", json=new)) == (status, code)
    assert (client.get("/v1/entries").json or {})["entries"] == []


def test_an_unchanged_entry_returns_304(client: FlaskClient) -> None:
    path = f"/v1/entries/{create(client)['id']}"
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    client.patch(path, json={"text": "Other words."})
    changed = client.get(path, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_lists_are_newest_first_across_pages(client: FlaskClient) -> None:
    days = [f"2026-01-{day:02d}T08:00:00Z" for day in (3, 1, 5, 2, 4)]
    for day in days:
        create(client, recorded_at=day)
    listed, cursor = [], None
    while True:
        page = client.get("/v1/entries", query_string={"limit": 2, **({"cursor": cursor} if cursor else {})})
        listed += [entry["recorded_at"] for entry in (page.json or {})["entries"]]
        if not (cursor := (page.json or {})["next_cursor"]):
            break
    assert listed == sorted(days, reverse=True)


def test_a_time_without_a_zone_is_read_as_utc(client: FlaskClient) -> None:
    assert create(client, recorded_at="2026-02-01T10:00:00")["recorded_at"] == "2026-02-01T10:00:00Z"
    assert create(client, recorded_at="2026-02-01T10:00:00+02:00")["recorded_at"] == "2026-02-01T08:00:00Z"


def test_editing_creates_a_new_revision_without_the_previous_insight(client: FlaskClient) -> None:
    entry = create(client)
    edited = client.patch(f"/v1/entries/{entry['id']}", json={"text": "A calm evening."}).json or {}
    assert (edited["revision"], edited["transcript"]["text"]) == (2, "A calm evening.")
    assert edited["insight"]["summary"] is None


@pytest.mark.parametrize(
    ("format_", "media_type", "begins"),
    [("txt", "text/plain", TEXT), ("srt", "application/x-subrip", ""), ("vtt", "text/vtt", "WEBVTT")],
)
def test_a_transcript_can_be_retrieved_in_every_format(
    client: FlaskClient, format_: str, media_type: str, begins: str
) -> None:
    path = f"/v1/entries/{create(client)['id']}/transcript"
    response = client.get(path, query_string={"format": format_})
    assert (response.status_code, response.mimetype) == (200, media_type)
    assert response.text.startswith(begins)
    assert (client.get(path).json or {})["text"] == TEXT
    assert problem(client.get(path, query_string={"format": "doc"})) == (400, "invalid_parameter")


def test_deleting_an_entry_deletes_its_recording(client: FlaskClient, tmp_path: Path) -> None:
    entry = client.post("/v1/entries", data=wav(), content_type="audio/wav").json or {}
    path = f"/v1/entries/{entry['id']}"
    assert client.delete(path).status_code == 204
    for method, target in (
        ("GET", path),
        ("DELETE", path),
        ("GET", f"{path}/audio"),
        ("GET", f"{path}/events"),
    ):
        assert problem(client.open(target, method=method)) == (404, "entry_not_found")
    assert problem(client.patch(path, json={"text": TEXT})) == (404, "entry_not_found")
    assert (client.get("/v1/entries").json or {})["entries"] == []
    assert not [file for file in (tmp_path / "journal" / "audio").rglob("*") if file.is_file()]


@pytest.mark.parametrize("text", ["😀😀", "كان يومًا جميلًا", "Il fait beau aujourd'hui.", "...", "a\ud7ffb"])
def test_text_that_cannot_be_understood_is_stored_unchanged(client: FlaskClient, text: str) -> None:
    entry = create(client, text)
    read = client.get(f"/v1/entries/{entry['id']}").json or {}
    assert read["transcript"]["text"] == text


# -- invalid requests -----------------------------------------------------------------------------------

INVALID_JSON = [
    (b'{"text": ""}', 400, "empty_text"),
    (b'{"text": " \\n\\t "}', 400, "empty_text"),
    (b'{"text": "a\\u0000b"}', 400, "null_bytes"),
    (b'{"text": "' + b"a" * 20_001 + b'"}', 413, "text_too_long"),
    (b'{"text": 7}', 400, "invalid_field"),
    (b'{"text": null}', 400, "invalid_field"),
    (b'{"text": ["a"]}', 400, "invalid_field"),
    (b"{}", 400, "invalid_field"),
    (b"[]", 400, "invalid_field"),
    (b'"text"', 400, "invalid_field"),
    (b'{"text": "a"', 400, "invalid_json"),
    (b"", 400, "invalid_json"),
    (b'{"text": "\xff\xfe"}', 400, "invalid_json"),
]


@pytest.mark.parametrize(("body", "status", "code"), INVALID_JSON)
@pytest.mark.parametrize("path", ["/v1/entries", "/predict", "/summarize"])
def test_invalid_text_is_rejected(
    client: FlaskClient, path: str, body: bytes, status: int, code: str
) -> None:
    response = client.post(path, data=body, content_type="application/json")
    assert problem(response)[0] == status
    if not (path == "/summarize" and b"text" not in body.replace(b'"text": null', b"")):
        assert problem(response)[1] == code


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "empty_audio"),
        (PNG, 415, "undecodable_audio"),
        (b"RIFF" + b"\x00" * 40, 415, "undecodable_audio"),
        (b"no recording at all " * 50, 415, "undecodable_audio"),
        (wav(61.5), 413, "audio_too_long"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/entries", "/transcribe"])
def test_an_invalid_recording_is_rejected_and_not_stored(
    client: FlaskClient, path: str, body: bytes, status: int, code: str
) -> None:
    raw = client.post(path, data=body, content_type="audio/wav")
    multipart = client.post(path, **form(body))
    assert problem(raw) == problem(multipart) == (status, code)
    assert (client.get("/v1/entries").json or {})["entries"] == []


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/entries?limit=0", 400, "invalid_parameter"),
        ("GET", "/v1/entries?limit=many", 400, "invalid_parameter"),
        ("GET", "/v1/entries?cursor=nonsense", 400, "invalid_cursor"),
        ("GET", "/v1/entries/unknown", 404, "entry_not_found"),
        ("PUT", "/v1/entries", 405, "method_not_allowed"),
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/page/../cli.py", 404, "page_not_found"),
        ("GET", "/page/unknown.js", 404, "page_not_found"),
    ],
)
def test_invalid_requests_get_problem_details(
    client: FlaskClient, method: str, path: str, status: int, code: str
) -> None:
    assert problem(client.open(path, method=method)) == (status, code)


def test_a_form_without_audio_and_an_unknown_content_type_are_rejected(client: FlaskClient) -> None:
    without = client.post("/v1/entries", data={"note": "x"}, content_type="multipart/form-data")
    assert problem(without) == (400, "missing_audio")
    assert (
        problem(client.post("/v1/entries", data="a=b", content_type="text/csv"))[1]
        == "unsupported_content_type"
    )


@pytest.mark.parametrize("content_type", ["application/json", "audio/wav"])
def test_a_body_of_100_mb_is_rejected_with_a_response(client: FlaskClient, content_type: str) -> None:
    response = client.post(
        "/v1/entries",
        content_type=content_type,
        environ_overrides={"wsgi.input": _Zeros(100_000_000), "CONTENT_LENGTH": "100000000"},
    )
    assert problem(response) == (413, "payload_too_large")


class _Zeros(io.RawIOBase):
    """A large body that takes no memory."""

    def __init__(self, left: int) -> None:
        self._left = left

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block = b"\x00" * min(65536 if size < 0 else size, self._left)
        self._left -= len(block)
        return block


# -- loopback guard -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "192.168.1.4", "localhost.evil.example", "[", "localhost:x"]
)
def test_a_foreign_host_is_rejected(client: FlaskClient, host: str) -> None:
    assert problem(client.get("/v1/entries", headers={"Host": host})) == (403, "forbidden_host")


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:9", "[::1]:8080"])
def test_loopback_hosts_are_accepted(client: FlaskClient, host: str) -> None:
    assert client.get("/v1/entries", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_other_sites_are_rejected(client: FlaskClient, headers: dict[str, str]) -> None:
    response = client.post("/v1/entries", json={"text": TEXT}, headers=headers)
    assert problem(response) == (403, "forbidden_origin")


def test_the_journals_own_page_is_accepted(client: FlaskClient) -> None:
    headers = {"Host": "127.0.0.1:8080", "Origin": "http://127.0.0.1:8080", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/v1/entries", json={"text": TEXT}, headers=headers).status_code == 201


# -- documentation ------------------------------------------------------------------------------


def test_every_operation_is_documented_and_the_interactive_page_is_served(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json or {}
    assert document["openapi"] == "3.1.0"
    assert {
        "/v1/entries",
        "/v1/entries/{entry_id}",
        "/predict",
        "/predict_batch",
        "/summarize",
        "/transcribe",
    } <= set(document["paths"])
    docs = client.get("/docs")
    assert (docs.status_code, docs.mimetype) == (200, "text/html")
    for name in ("swagger-ui-bundle.js", "swagger-ui.css", "start.js"):
        assert client.get(f"/docs/{name}").status_code == 200
