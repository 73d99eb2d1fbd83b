"""The application made of routes: validation, errors, headers and logs."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Iterator
from enum import StrEnum
from http.client import HTTPConnection
from typing import Annotated, Any

import flask
import msgspec
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Meta
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from functions.shared.access.authorization import Authorization, Requirement, allow_identified
from functions.shared.access.identity import local_user
from functions.shared.errors import (
    ArtifactError,
    Conflict,
    PermanentError,
    SamoError,
    TemporaryError,
    Unauthenticated,
)
from functions.shared.observability import logs
from functions.shared.runtime.settings import Settings
from functions.shared.web.app import SECURITY_HEADERS, create_app
from functions.shared.web.routing import Call, ErrorFormat, Problem, Reply, Route
from functions.shared.web.validation import require_batch, require_text

SECRET = "my secret journal"
LIMITS = Settings(max_text_chars=20, max_batch=3)


class Mood(StrEnum):
    GOOD = "good"
    BAD = "bad"


class Note(msgspec.Struct, frozen=True):
    text: str
    stars: Annotated[int, Meta(ge=0, le=5)] = 0
    mood: Mood = Mood.GOOD


class Paging(msgspec.Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    newest: bool = True


class Broken(Exception):
    """An error whose message quotes a journal."""


ERRORS: dict[str, Exception] = {
    "broken": Broken(SECRET),
    "conflict": Conflict("it exists", code="note_exists"),
    "temporary": TemporaryError("come again"),
    "permanent": PermanentError("never", code="no_speech"),
    "artifact": ArtifactError("model.onnx is missing"),
    "other": SamoError("on purpose"),
}


def write(call: Call[Note]) -> Reply:
    require_text(call.body.text, LIMITS.max_text_chars)
    return Reply(status=201, body=call.body, headers={"Location": "/notes/1"})


def batch(call: Call[list[str]]) -> Reply:
    require_batch(call.body, LIMITS.max_batch)
    return Reply(body=call.body)


def fail(call: Call[None]) -> Reply:
    raise ERRORS[call.path["how"]]


ROUTES = [
    Route(method="POST", path="/notes", handler=write, summary="", tag="", body=Note, replies={201: Note}),
    Route(method="POST", path="/batch", handler=batch, summary="", tag="", body=list, replies={200: None}),
    Route(
        method="GET",
        path="/notes",
        handler=lambda call: Reply(body=call.query),
        summary="",
        tag="",
        query=Paging,
        replies={200: Paging},
    ),
    Route(
        method="DELETE",
        path="/notes/{note}",
        handler=lambda _: Reply(status=204),
        summary="",
        tag="",
        replies={204: None},
    ),
    Route(
        method="GET",
        path="/page",
        handler=lambda _: Reply(
            body="<p>",
            media_type="text/html",
            headers={"Content-Security-Policy": "own", "Cache-Control": "own"},
        ),
        summary="",
        tag="",
        replies={200: "text/html"},
    ),
    Route(method="GET", path="/fail/{how}", handler=fail, summary="", tag="", replies={200: None}),
    Route(
        method="POST",
        path="/raw",
        handler=lambda call: Reply(body=call.request.get_data(), media_type="audio/wav"),
        summary="",
        tag="",
        replies={200: "audio/wav"},
    ),
]


@pytest.fixture(scope="module")
def app() -> flask.Flask:
    return create_app(ROUTES, LIMITS)


@pytest.fixture(scope="module")
def client(app: flask.Flask) -> FlaskClient:
    return app.test_client()


def problem(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """Checks a problem's common fields and returns it."""
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    details: dict[str, Any] = json.loads(response.data)
    assert details["status"] == status
    assert details["code"] == code
    assert details["title"]
    assert "type" not in details  # which RFC 9457 reads as about:blank
    assert details["request_id"] == response.headers["X-Request-Id"]
    return details


def post(client: FlaskClient, body: bytes, content_type: str | None = "application/json") -> TestResponse:
    return client.post("/notes", data=body, content_type=content_type)


# -- valid requests ---------------------------------------------------------------------------------


def test_json_is_decoded_and_encoded_by_struct(client: FlaskClient) -> None:
    response = post(client, '{"text": "Grüße 🌍", "stars": 3}'.encode())

    assert response.status_code == 201
    assert response.mimetype == "application/json"
    assert response.headers["Location"] == "/notes/1"
    assert json.loads(response.data) == {"text": "Grüße 🌍", "stars": 3, "mood": "good"}


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "x/y+json"])
def test_every_json_content_type_is_accepted(client: FlaskClient, content_type: str) -> None:
    assert post(client, b'{"text": "x"}', content_type).status_code == 201


def test_query_parameters_are_typed(client: FlaskClient) -> None:
    assert json.loads(client.get("/notes?limit=7&newest=false").data) == {"limit": 7, "newest": False}
    assert json.loads(client.get("/notes").data) == {"limit": 20, "newest": True}


def test_a_response_without_content_has_no_content_type(client: FlaskClient) -> None:
    response = client.delete("/notes/1")

    assert (response.status_code, response.data) == (204, b"")
    assert "Content-Type" not in response.headers


# -- invalid requests ----------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"{", b"nothing", b'{"text": "\xff"}', b'{"text": "x"} more'])
def test_a_body_that_is_not_json_is_rejected(client: FlaskClient, body: bytes) -> None:
    problem(post(client, body), 400, "invalid_json")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{}", "text"),
        (b'{"text": 5}', "$.text"),
        (b'{"text": null}', "$.text"),
        (b'{"text": "x", "stars": 6}', "$.stars"),
        (b'{"text": "x", "stars": "3"}', "$.stars"),
        (b'{"text": "x", "mood": "meh"}', "$.mood"),
        (b"[]", "array"),
    ],
)
def test_the_error_names_the_invalid_field(client: FlaskClient, body: bytes, field: str) -> None:
    assert field in problem(post(client, body), 400, "invalid_field")["detail"]


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("", 400, "empty_text"),
        (" \n\t ", 400, "empty_text"),
        ("a\x00b", 400, "null_bytes"),
        ("x" * 21, 413, "text_too_long"),
        ("🌍" * 21, 413, "text_too_long"),
    ],
)
def test_an_invalid_text_is_rejected_and_not_quoted(
    client: FlaskClient, text: str, status: int, code: str
) -> None:
    details = problem(post(client, msgspec.json.encode({"text": text})), status, code)
    assert not text.strip() or text not in details["detail"]


def test_the_text_limit_is_in_characters(client: FlaskClient) -> None:
    assert post(client, msgspec.json.encode({"text": "🌍" * 20})).status_code == 201


@pytest.mark.parametrize(
    ("items", "status", "code"), [([], 400, "empty_batch"), (["x"] * 4, 413, "batch_too_large")]
)
def test_an_empty_or_too_large_batch_is_rejected(
    client: FlaskClient, items: list[str], status: int, code: str
) -> None:
    problem(client.post("/batch", json=items), status, code)
    assert client.post("/batch", json=["x"] * 3).status_code == 200


@pytest.mark.parametrize("content_type", [None, "", "text/plain", "multipart/form-data", "application/jsonx"])
def test_a_content_type_other_than_json_is_rejected(client: FlaskClient, content_type: str | None) -> None:
    problem(post(client, b'{"text": "x"}', content_type), 415, "unsupported_content_type")


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=", "newest=perhaps"])
def test_the_error_names_the_invalid_query_parameter(client: FlaskClient, query: str) -> None:
    details = problem(client.get(f"/notes?{query}"), 400, "invalid_parameter")
    assert query.split("=")[0] in details["detail"]


@pytest.mark.parametrize("path", ["/", "/nowhere", "/notes/1/2", "/static/x", "/notes/"])
def test_an_unknown_path_is_not_found(client: FlaskClient, path: str) -> None:
    problem(client.get(path), 404, "not_found")


def test_the_error_lists_the_allowed_methods(client: FlaskClient) -> None:
    response = client.put("/notes")

    problem(response, 405, "method_not_allowed")
    assert {"GET", "POST"} <= set(response.headers["Allow"].split(", "))


BYTES = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=30).map(str.encode),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    ).map(lambda value: json.dumps({"text": value}).encode()),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=BYTES)
def test_no_body_causes_a_server_error(client: FlaskClient, body: bytes) -> None:
    response = post(client, body)

    assert response.status_code in {201, 400, 413}
    if response.status_code != 201:
        assert response.mimetype == "application/problem+json"


# -- large bodies -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(app: flask.Flask) -> Iterator[tuple[str, int]]:
    """The application on a real socket."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield "127.0.0.1", server.port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("path", ["/notes", "/raw"])
def test_a_body_of_100_megabytes_gets_a_response_instead_of_a_reset(
    server: tuple[str, int], path: str
) -> None:
    size = 100 * 2**20
    connection = HTTPConnection(*server)
    headers = {"Content-Type": "application/json", "Content-Length": str(size)}
    connection.request("POST", path, io.BytesIO(bytes(size)), headers)
    response = connection.getresponse()
    details = json.loads(response.read())
    connection.close()

    assert (response.status, details["code"]) == (413, "payload_too_large")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert str(LIMITS.max_body_bytes) in details["detail"]


def test_a_body_of_exactly_the_limit_is_accepted(app: flask.Flask) -> None:
    small = create_app(ROUTES, Settings(max_body_bytes=1000)).test_client()

    assert small.post("/raw", data=b"x" * 1000).status_code == 200
    problem(small.post("/raw", data=b"x" * 1001), 413, "payload_too_large")


# -- common headers ------------------------------------------------------------------

PATHS = ["/notes", "/nowhere", "/fail/broken", "/fail/conflict", "/notes?limit=x"]


@pytest.mark.parametrize("path", PATHS)
def test_every_response_has_the_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers

    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_a_response_may_override_security_headers(client: FlaskClient) -> None:
    headers = client.get("/page").headers

    assert headers["Content-Security-Policy"] == "own"
    assert headers["Cache-Control"] == "own"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", PATHS)
def test_a_valid_request_id_is_returned(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"X-Request-Id": "abc-1.2_3"})

    assert response.headers["X-Request-Id"] == "abc-1.2_3"


@pytest.mark.parametrize("given_id", ["", "a b", "x" * 65, 'a"b', "<script>", "é"])
def test_an_invalid_request_id_is_replaced(client: FlaskClient, given_id: str) -> None:
    first, second = (
        client.get("/notes", headers={"X-Request-Id": given_id.encode("latin-1")}).headers["X-Request-Id"]
        for _ in range(2)
    )

    assert len(first) == len(second) == 32
    assert given_id != first != second


# -- errors ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("conflict", 409, "note_exists"),
        ("temporary", 503, "temporarily_unavailable"),
        ("permanent", 422, "no_speech"),
        ("artifact", 500, "artifact_unavailable"),
        ("other", 500, "internal"),
    ],
)
def test_a_known_error_becomes_problem_details(client: FlaskClient, how: str, status: int, code: str) -> None:
    response = client.get(f"/fail/{how}")

    assert problem(response, status, code)["detail"] == str(ERRORS[how])
    assert ("Retry-After" in response.headers) == (status == 503)


def test_an_unexpected_error_is_not_quoted_in_the_response_or_the_log(
    client: FlaskClient, capsys: pytest.CaptureFixture[str], restored_logs: None
) -> None:
    logs.configure()
    response = client.get("/fail/broken", headers={"X-Request-Id": "the-one"})

    problem(response, 500, "internal")
    everything = response.get_data(as_text=True) + str(response.headers)
    assert SECRET not in everything
    assert "Broken" not in everything
    assert "Traceback" not in everything
    logged = capsys.readouterr().err
    assert SECRET not in logged
    failure = next(line for line in map(json.loads, logged.splitlines()) if line["severity"] == "ERROR")
    assert failure["request_id"] == "the-one"
    assert failure["error"] == "Broken"
    assert any("test_app.py" in where for where in failure["where"])


def test_the_request_log_has_the_route_but_no_content(
    client: FlaskClient, capsys: pytest.CaptureFixture[str], restored_logs: None
) -> None:
    logs.configure()
    post(client, json.dumps({"text": SECRET}).encode())
    client.get(f"/nowhere/{SECRET}?limit={SECRET}")
    client.delete(f"/notes/{SECRET}")
    post(client, json.dumps({"text": 5, "mood": SECRET}).encode())

    logged = capsys.readouterr().err
    assert SECRET not in logged
    lines = [json.loads(line) for line in logged.splitlines()]
    assert [line["status"] for line in lines] == [201, 404, 204, 400]
    assert [line["route"] for line in lines] == ["POST /notes", None, "DELETE /notes/{note}", "POST /notes"]


@pytest.fixture
def restored_logs() -> Iterator[None]:
    logger = logging.getLogger("samo")
    before = logger.handlers[:], logger.level, logger.propagate
    yield
    logger.handlers[:], logger.level, logger.propagate = before


class Fault(msgspec.Struct):
    fault: str
    request: str


def _fault(problem: Problem) -> Fault:
    return Fault(fault=problem.code, request=problem.request_id)


@pytest.fixture(scope="module")
def faults() -> FlaskClient:
    """Routes that state errors in a format of their own, and one that does not."""
    plain = ErrorFormat(body=Fault, media_type="application/json", convert=_fault, statuses={409: 418})
    routes = [
        Route(method="GET", path="/own/{how}", handler=fail, summary="", tag="", replies={}, errors=plain),
        Route(
            method="POST",
            path="/own",
            handler=lambda call: Reply(body=call.request.get_data()),
            summary="",
            tag="",
            replies={},
            errors=plain,
        ),
        Route(method="GET", path="/fail/{how}", handler=fail, summary="", tag="", replies={}),
    ]

    def authorize(header: str | None, requirement: Requirement) -> Authorization:
        if header == "wrong":
            raise Unauthenticated("who is this?")
        return allow_identified(local_user)(header, requirement)

    return create_app(routes, Settings(max_body_bytes=100), authorize).test_client()


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("conflict", 418, "note_exists"),
        ("temporary", 503, "temporarily_unavailable"),
        ("broken", 500, "internal"),
    ],
)
def test_a_route_states_errors_in_its_own_format(
    faults: FlaskClient, how: str, status: int, code: str
) -> None:
    response = faults.get(f"/own/{how}", headers={"X-Request-Id": "r1"})
    assert (response.status_code, response.mimetype) == (status, "application/json")
    assert response.json == {"fault": code, "request": "r1"}
    assert SECRET not in response.text
    assert faults.get(f"/fail/{how}").mimetype == "application/problem+json"


def test_so_do_errors_before_its_handler_with_their_headers(faults: FlaskClient) -> None:
    denied = faults.get("/own/broken", headers={"Authorization": "wrong"})
    assert (denied.status_code, denied.get_json()["fault"]) == (401, "unauthenticated")
    assert denied.headers["WWW-Authenticate"] == "Bearer"
    large = faults.post("/own", data=b"x" * 101)
    assert (large.status_code, large.get_json()["fault"]) == (413, "payload_too_large")
    assert faults.get("/other").mimetype == "application/problem+json"
