"""The clients match the OpenAPI document exactly."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from clients import generate
from clients.generator.document import (
    Operation,
    components,
    document,
    is_nullable,
    reference,
    response_schemas,
)
from clients.generator.document import operations as documented
from samo_client import AsyncSamo, Samo, operations, schema
from tests.clients.drivers import run_node

RENAMED = {"from": "since", "to": "until"}
"""Parameters renamed because their names are reserved in Python."""
HANDLED = {"cursor"}
"""Parameters that clients send on their own."""


@pytest.fixture(scope="module")
def api() -> dict[str, Any]:
    return document()


@pytest.fixture(scope="module")
def javascript() -> dict[str, Any]:
    """The operations of the JavaScript client."""
    return run_node({"address": "http://127.0.0.1:9"})


def documented_operations(api: Mapping[str, Any]) -> dict[tuple[str, str], Operation]:
    """The documented operations by method and path, without the names of path parameters."""
    return {
        (operation.method, re.sub(r"{\w+}", "{}", operation.path)): operation for operation in documented(api)
    }


def method(samo: type, name: str) -> Any:
    """The client method for an operation."""
    *owner, last = name.split(".")
    client = samo("http://127.0.0.1:9")
    for attribute in owner:
        client = getattr(client, attribute)
    return getattr(client, last)


def test_generated_files_are_up_to_date() -> None:
    assert generate.outdated() == []


def test_python_knows_every_operation(api: dict[str, Any]) -> None:
    assert {(operation.method, operation.path) for operation in operations.OPERATIONS.values()} == set(
        documented_operations(api)
    )


@pytest.mark.node
def test_javascript_knows_every_operation(javascript: dict[str, Any]) -> None:
    python = {_camel(name): operation for name, operation in operations.OPERATIONS.items()}
    assert {name: (operation["method"], operation["path"]) for name, operation in javascript.items()} == {
        name: (operation.method, operation.path) for name, operation in python.items()
    }
    assert {
        name: (operation["repeatable"], operation.get("done", "")) for name, operation in javascript.items()
    } == {name: (operation.repeatable, operation.done) for name, operation in python.items()}


@pytest.mark.node
def test_every_javascript_operation_has_a_declared_method(javascript: dict[str, Any]) -> None:
    declared = (generate.JAVASCRIPT / "samo.d.ts").read_text()
    for name, operation in javascript.items():
        owner, _, last = name.rpartition(".")
        place = re.search(rf"(?:interface|class) {owner.title() or 'Samo'} {{(.*?)\n}}", declared, re.DOTALL)
        assert operation["exists"], name
        assert place, name
        assert f"\n  {last}(" in place[1], name


@pytest.mark.parametrize("samo", [Samo, AsyncSamo])
def test_every_python_operation_has_a_method_with_its_parameters(samo: type, api: dict[str, Any]) -> None:
    known = components(api)
    for name, known_operation in operations.OPERATIONS.items():
        operation = documented_operations(api)[known_operation.method, known_operation.path]
        body = operation.bodies.get("application/json", {})
        struct = known.get(reference(body) or "", body)
        expected = {RENAMED.get(field, field) for field in (*operation.query, *struct.get("properties", ()))}
        taken = inspect.signature(method(samo, name)).parameters
        assert expected - HANDLED <= taken.keys(), name


def test_blocking_and_awaiting_clients_have_the_same_methods() -> None:
    for name in operations.OPERATIONS:
        blocking, awaiting = (inspect.signature(method(samo, name)) for samo in (Samo, AsyncSamo))
        assert blocking.parameters == awaiting.parameters, name


def test_structs_match_the_documented_schemas(api: dict[str, Any]) -> None:
    """Compares the JSON schemas of the client's structs with the document's."""
    expected = response_schemas(api)
    kinds = [getattr(schema, name) for name in expected]
    _, actual = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    for name, documented_schema in expected.items():
        assert _shape(actual[name], actual) == _shape(documented_schema, expected), name


def _shape(schema: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    """The parts of a schema that matter to clients: names, types, required, nullable, enumerations."""
    name = reference(schema)
    if name and "enum" in known[name]:
        return sorted(known[name]["enum"])
    if "enum" in schema:
        return sorted(schema["enum"])
    if "properties" in schema:
        fields = {field: _shape(subschema, known) for field, subschema in schema["properties"].items()}
        return fields, sorted(schema.get("required", []))
    if "anyOf" in schema:
        others = [_shape(option, known) for option in schema["anyOf"] if option != {"type": "null"}]
        return others, is_nullable(schema)
    return (
        name or schema["type"],
        schema.get("format"),
        _shape(schema["items"], known) if "items" in schema else None,
    )


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))
