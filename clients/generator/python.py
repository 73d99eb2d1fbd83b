"""Generates msgspec structs from the schemas of responses."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

from clients.generator.document import Schema, reference, response_schemas
from clients.generator.formatting import formatted

HEADER = '''"""Response types. Generated from the OpenAPI document by `python -m clients.generate`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from samo_client.open_enum import OpenEnum

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Struct(msgspec.Struct, frozen=True, kw_only=True):
    """Ignores unknown fields, so that responses of newer versions can be decoded."""
'''
_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def module(api: Schema) -> str:
    """Source of the module."""
    named = response_schemas(api)
    schemas = {**named, **dict(_inline_enums(named))}
    enums = [_enum(name, schema) for name, schema in schemas.items() if "enum" in schema]
    structs = [_struct(name, schema, schemas) for name, schema in named.items() if "enum" not in schema]
    return formatted("\n\n".join([HEADER, *enums, *structs]))


def _inline_enums(named: Mapping[str, Schema]) -> Iterator[tuple[str, Schema]]:
    """The enumerations without a schema of their own, named after owner and field."""
    for owner, schema in named.items():
        for field, field_schema in schema.get("properties", {}).items():
            if len(field_schema.get("enum", [])) > 1:
                yield _enum_name(owner, field), field_schema


def _enum_name(owner: str, field: str) -> str:
    return owner.removesuffix("View") + field.title().replace("_", "")


def _enum(name: str, schema: Schema) -> str:
    members = (f"    {re.sub(r'[^A-Z0-9]', '_', value.upper())} = {value!r}" for value in schema["enum"])
    return "\n".join([f"class {name}(OpenEnum):", *_docstring(schema), *members])


def _struct(name: str, schema: Schema, schemas: Mapping[str, Schema]) -> str:
    required = schema.get("required", [])
    fields = []
    for field, field_schema in schema["properties"].items():
        default = "" if field in required else _default(field_schema, schemas)
        fields.append(f"    {field}: {_type(field_schema, _enum_name(name, field))}{default}")
    return "\n".join([f"class {name}(Struct, frozen=True, kw_only=True):", *_docstring(schema), *fields])


def _docstring(schema: Schema) -> list[str]:
    lines = inspect.cleandoc(schema.get("description", "")).splitlines()
    if len(lines) > 1:
        return [f'    """{lines[0]}', *(f"    {line}".rstrip() for line in lines[1:]), '    """', ""]
    return [f'    """{lines[0]}"""', ""] if lines else []


def _type(schema: Schema, enum: str) -> str:
    if name := reference(schema):
        return name
    if "anyOf" in schema:
        return " | ".join(_type(option, enum) for option in schema["anyOf"])
    if "enum" in schema:
        return enum if len(schema["enum"]) > 1 else f"Literal[{schema['enum'][0]!r}]"
    if schema["type"] == "array":
        return f"tuple[{_type(schema['items'], enum)}, ...]"
    if schema["type"] == "object":
        return f"dict[str, {_type(schema['additionalProperties'], enum)}]"
    return "Moment" if schema.get("format") == "date-time" else _TYPES[schema["type"]]


def _default(schema: Schema, schemas: Mapping[str, Schema]) -> str:
    value: Any = schema["default"]
    name = reference(schema)
    if name and "enum" in schemas[name]:
        return f" = {name}({value!r})"
    return " = ()" if value == [] else f" = {value!r}"
