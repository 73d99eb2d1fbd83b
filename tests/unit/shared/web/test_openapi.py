"""The generated OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from openapi_spec_validator import OpenAPIV31SpecValidator

from functions.shared.web import openapi
from functions.shared.web.routing import Call, ErrorFormat, Reply, Route


class Mood(StrEnum):
    GOOD = "good"
    BAD = "bad"


class Star(msgspec.Struct):
    """A star and how bright it is."""

    name: str
    magnitude: Annotated[float, Meta(ge=-30, le=30)]


class Note(msgspec.Struct):
    text: str
    mood: Mood = Mood.GOOD
    stars: list[Star] = []


class NoteView(msgspec.Struct):
    id: str
    note: Note


class Paging(msgspec.Struct):
    cursor: str
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    mood: Mood | None = None


def handle(call: Call[Any]) -> Reply:
    return Reply()


ROUTES = [
    Route(
        method="POST",
        path="/v1/notes",
        handler=handle,
        summary="Write a note",
        description="It is kept.",
        tag="Notes",
        body=Note,
        replies={201: NoteView},
        problems={"empty_text": 400},
    ),
    Route(
        method="GET",
        path="/v1/notes",
        handler=handle,
        summary="List",
        tag="Notes",
        query=Paging,
        replies={200: NoteView},
        problems={"invalid_cursor": 400},
    ),
    Route(
        method="PUT",
        path="/v1/notes/{note_id}/sounds/{sound}",
        handler=handle,
        summary="Upload",
        tag="Sounds",
        accepts={"audio/*": {"type": "string", "contentMediaType": "application/octet-stream"}},
        replies={200: "audio/wav", 204: None},
        problems={"note_not_found": 404},
    ),
    Route(
        method="GET", path="/", handler=handle, summary="", tag="Pages", replies={200: None}, documented=False
    ),
]


def document() -> dict[str, Any]:
    return openapi.document(ROUTES, title="Notes", version="1.2.3", description="All of them.")


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(reference := node.get("$ref"), str):
            yield reference
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_the_document_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(json.loads(json.dumps(document()))).validate()


def test_the_document_has_the_api_title_and_version() -> None:
    api = document()

    assert api["openapi"].startswith("3.1.")
    assert api["info"] == {"title": "Notes", "version": "1.2.3", "description": "All of them."}


def test_every_documented_route_appears_once() -> None:
    operations = {(m, path): op for path, methods in document()["paths"].items() for m, op in methods.items()}

    assert set(operations) == {(route.method.lower(), route.path) for route in ROUTES if route.documented}
    assert len({operation["operationId"] for operation in operations.values()}) == len(operations)
    assert operations["post", "/v1/notes"]["summary"] == "Write a note"
    assert operations["post", "/v1/notes"]["description"] == "It is kept."


def test_every_struct_has_a_schema_and_every_reference_resolves() -> None:
    api = document()
    schemas = api["components"]["schemas"]

    assert {"Note", "NoteView", "Star", "Mood", "Problem"} <= set(schemas)
    targets = set(references(api))
    assert targets
    assert targets <= {f"#/components/schemas/{name}" for name in schemas}
    assert schemas["Star"]["properties"]["magnitude"]["minimum"] == -30
    assert schemas["Star"]["description"] == "A star and how bright it is."


def test_path_and_query_parameters_are_documented() -> None:
    paths = document()["paths"]
    (put,) = paths["/v1/notes/{note_id}/sounds/{sound}"].values()
    query = {parameter["name"]: parameter for parameter in paths["/v1/notes"]["get"]["parameters"]}

    assert [(p["name"], p["in"], p["required"]) for p in put["parameters"]] == [
        ("note_id", "path", True),
        ("sound", "path", True),
    ]
    assert {name: parameter["required"] for name, parameter in query.items()} == {
        "cursor": True,
        "limit": False,
        "mood": False,
    }
    assert query["limit"]["schema"]["maximum"] == 100
    assert query["limit"]["schema"]["default"] == 20


def test_the_request_body_is_the_struct_or_what_the_handler_accepts() -> None:
    paths = document()["paths"]
    (put,) = paths["/v1/notes/{note_id}/sounds/{sound}"].values()

    assert paths["/v1/notes"]["post"]["requestBody"] == {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Note"}}},
    }
    assert list(put["requestBody"]["content"]) == ["audio/*"]
    assert "requestBody" not in paths["/v1/notes"]["get"]


def test_responses_are_the_replies_and_the_problems_with_their_codes() -> None:
    paths = document()["paths"]
    responses = paths["/v1/notes"]["post"]["responses"]
    (put,) = paths["/v1/notes/{note_id}/sounds/{sound}"].values()

    assert responses["201"]["content"]["application/json"]["schema"]["$ref"].endswith("/NoteView")
    authorization = {"401", "403", "429", "503"}
    assert set(responses) == {"201", "400", "408", "413", "415", *authorization}
    for code in ("empty_text", "invalid_json", "invalid_field"):
        assert f"`{code}`" in responses["400"]["description"]
    assert set(responses["400"]["content"]) == {"application/problem+json"}
    assert set(put["responses"]) == {"200", "204", "404", *authorization}
    assert "Retry-After" in responses["429"]["headers"]
    assert "content" not in put["responses"]["204"]
    assert list(put["responses"]["200"]["content"]) == ["audio/wav"]


class Fault(msgspec.Struct):
    fault: str


def test_a_route_documents_errors_in_its_own_format() -> None:
    plain = ErrorFormat(
        body=Fault,
        media_type="application/json",
        convert=lambda problem: Fault(fault=problem.code),
        statuses={415: 400},
    )
    route = Route(
        method="POST",
        path="/faults",
        handler=handle,
        summary="",
        tag="",
        replies={204: None},
        problems={"invalid_parameter": 400, "undecodable_audio": 415},
        errors=plain,
    )
    api = openapi.document([route], title="Faults", version="1")
    responses = api["paths"]["/faults"]["post"]["responses"]

    assert "415" not in responses
    assert responses["400"]["description"] == "Problem: `invalid_parameter`, `undecodable_audio`"
    for status in ("400", "401", "429", "503"):
        (content,) = responses[status]["content"].items()
        assert content == ("application/json", {"schema": {"$ref": "#/components/schemas/Fault"}})
