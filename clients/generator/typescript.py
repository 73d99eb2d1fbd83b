"""Generates TypeScript types from the schemas of requests and responses."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator

from clients.generator.document import Schema, components, reference

HEADER = "/** Request and response types, generated from the OpenAPI document by clients/generate.py. */"
_TYPES = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def module(api: Schema) -> str:
    """Source of the module."""
    declarations = ("\n".join(_declaration(name, schema)) for name, schema in components(api).items())
    return "\n\n".join([HEADER, *declarations]) + "\n"


def _declaration(name: str, schema: Schema) -> Iterator[str]:
    yield from _comment(schema)
    if "enum" in schema:
        yield f"export type {name} = {_type(schema)};"
        return
    yield f"export interface {name} {{"
    required = schema.get("required", [])
    for field, field_schema in schema["properties"].items():
        yield f"  {field}{'' if field in required else '?'}: {_type(field_schema)};"
    yield "}"


def _comment(schema: Schema) -> Iterator[str]:
    lines = inspect.cleandoc(schema.get("description", "")).splitlines()
    if len(lines) == 1:
        yield f"/** {lines[0]} */"
    elif lines:
        yield "/**"
        yield from (f" * {line}".rstrip() for line in lines)
        yield " */"


def _type(schema: Schema) -> str:
    if name := reference(schema):
        return name
    if "anyOf" in schema:
        return " | ".join(map(_type, schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(map(json.dumps, schema["enum"]))
    if schema["type"] == "array":
        item = _type(schema["items"])
        return f"({item})[]" if " " in item else f"{item}[]"
    if schema["type"] == "object":
        return f"Record<string, {_type(schema['additionalProperties'])}>"
    return _TYPES[schema["type"]]
