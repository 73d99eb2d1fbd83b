"""Reads the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from functions.laptop.process import LocalProcess
from functions.shared.runtime.settings import Settings

Schema = Mapping[str, Any]
_SUCCESS = re.compile("2..")
_OTHER_CLIENTS = "OpenAI-compatible"
"""The tag of routes that have clients already."""


class Operation(NamedTuple):
    """One documented operation."""

    method: str
    path: str
    details: Schema

    @property
    def bodies(self) -> Mapping[str, Schema]:
        """Media type → schema of the request body."""
        return _schemas(self.details.get("requestBody", {}))

    @property
    def responses(self) -> list[Schema]:
        """Schemas of the successful responses."""
        return [
            schema
            for status, response in self.details["responses"].items()
            if _SUCCESS.match(status)
            for schema in _schemas(response).values()
        ]

    @property
    def query(self) -> list[str]:
        """Names of the query parameters."""
        parameters = self.details.get("parameters", [])
        return [parameter["name"] for parameter in parameters if parameter["in"] == "query"]


def document() -> dict[str, Any]:
    """The document that this checkout's journal serves at /openapi.json, without routes for other clients."""
    with TemporaryDirectory() as folder:
        app = LocalProcess(Settings(data_dir=folder)).app()
        api = dict(app.test_client().get("/openapi.json").get_json())
    return _without_other_clients(api)


def _without_other_clients(api: dict[str, Any]) -> dict[str, Any]:
    """The document without the routes of other clients, and the schemas that only these use."""
    paths = {
        path: methods
        for path, methods in api["paths"].items()
        if all(_OTHER_CLIENTS not in details["tags"] for details in methods.values())
    }
    schemas = api["components"]["schemas"]
    dropped = _reached([path for name, path in api["paths"].items() if name not in paths], schemas)
    kept = _reached(list(paths.values()), schemas)
    schemas = {name: schema for name, schema in schemas.items() if name in kept or name not in dropped}
    return {**api, "paths": paths, "components": {**api["components"], "schemas": schemas}}


def _reached(value: Any, schemas: Mapping[str, Schema]) -> set[str]:
    """The names of all schemas that a part of the document uses, directly or not."""
    reached, pending = set[str](), [*_references(value)]
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending += _references(schemas[name])
    return reached


def operations(api: Schema) -> list[Operation]:
    """All operations of the document."""
    return [
        Operation(method.upper(), path, details)
        for path, methods in api["paths"].items()
        for method, details in methods.items()
    ]


def components(api: Schema) -> Mapping[str, Schema]:
    """All schemas by name; inline schemas of request bodies by title."""
    bodies = (schema for operation in operations(api) for schema in operation.bodies.values())
    inline = {schema["title"]: schema for schema in bodies if "title" in schema}
    return {**api["components"]["schemas"], **inline}


def response_schemas(api: Schema) -> Mapping[str, Schema]:
    """The schemas used in responses, including `Problem`."""
    schemas = components(api)
    responses = [operation.responses for operation in operations(api)]
    used = {"Problem"} | _reached(responses, schemas)
    return {name: schema for name, schema in schemas.items() if name in used}


def is_nullable(schema: Schema) -> bool:
    """Whether the schema allows null."""
    return {"type": "null"} in schema.get("anyOf", [])


def reference(schema: Schema) -> str | None:
    """Name of the schema that this one refers to, if any."""
    return str(schema["$ref"]).rpartition("/")[2] if "$ref" in schema else None


def _schemas(body: Schema) -> dict[str, Schema]:
    return {media_type: content["schema"] for media_type, content in body.get("content", {}).items()}


def _references(value: Any) -> Iterator[str]:
    """Names of all schemas that a part of the document refers to."""
    if isinstance(value, Mapping):
        if name := reference(value):
            yield name
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
