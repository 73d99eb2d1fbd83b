"""The OpenAPI document, and what the generators ask of it."""

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
    def answers(self) -> list[Schema]:
        """The schemas of its successful answers."""
        found = self.details["responses"].items()
        return [
            schema for status, each in found if _SUCCESS.match(status) for schema in _schemas(each).values()
        ]

    @property
    def query(self) -> list[str]:
        """The names of its query parameters."""
        return [each["name"] for each in self.details.get("parameters", []) if each["in"] == "query"]


def document() -> dict[str, Any]:
    """The document that a journal of this checkout serves at /openapi.json."""
    with TemporaryDirectory() as folder:
        app = LocalProcess(Settings(data_dir=folder)).app()
        return dict(app.test_client().get("/openapi.json").get_json())


def operations(api: Schema) -> list[Operation]:
    """Every operation of the document."""
    return [
        Operation(method.upper(), path, details)
        for path, methods in api["paths"].items()
        for method, details in methods.items()
    ]


def components(api: Schema) -> Mapping[str, Schema]:
    """The document's schemas by name; those that stand in a request body by their title."""
    bodies = (schema for each in operations(api) for schema in each.bodies.values())
    inline = {schema["title"]: schema for schema in bodies if "title" in schema}
    return {**api["components"]["schemas"], **inline}


def answered(api: Schema) -> Mapping[str, Schema]:
    """The schemas that answers are made of, problems among them."""
    known = components(api)
    found, open_ones = {"Problem"}, [name for each in operations(api) for name in _names(each.answers)]
    while open_ones:
        name = open_ones.pop()
        if name not in found:
            found.add(name)
            open_ones += _names(known[name])
    return {name: schema for name, schema in known.items() if name in found}


def is_nullable(schema: Schema) -> bool:
    """Whether null is among what it allows."""
    return {"type": "null"} in schema.get("anyOf", [])


def reference(schema: Schema) -> str | None:
    """The name of the schema it refers to."""
    return str(schema["$ref"]).rpartition("/")[2] if "$ref" in schema else None


def _schemas(of: Schema) -> dict[str, Schema]:
    return {media_type: content["schema"] for media_type, content in of.get("content", {}).items()}


def _names(value: Any) -> Iterator[str]:
    """The names that anything in a schema refers to."""
    if isinstance(value, Mapping):
        if name := reference(value):
            yield name
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _names(each)
