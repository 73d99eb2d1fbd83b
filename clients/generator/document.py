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
    """The document that this checkout's journal serves at /openapi.json."""
    with TemporaryDirectory() as folder:
        app = LocalProcess(Settings(data_dir=folder)).app()
        return dict(app.test_client().get("/openapi.json").get_json())


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
    used = {"Problem"}
    pending = [name for operation in operations(api) for name in _references(operation.responses)]
    while pending:
        name = pending.pop()
        if name not in used:
            used.add(name)
            pending += _references(schemas[name])
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
