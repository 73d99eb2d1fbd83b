"""The schemas of answers as msgspec structs."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

from clients.generator.document import Schema, answered, reference
from clients.generator.formatting import formatted

HEADER = '''"""What SAMO answers, as its OpenAPI document says. Written by `python -m clients.generate`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from samo_client.open_enum import OpenEnum

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Struct(msgspec.Struct, frozen=True, kw_only=True):
    """Fields that are not known yet are passed over, so that a newer SAMO can be read."""
'''
_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def module(api: Schema) -> str:
    """The whole module."""
    found = answered(api)
    known = {**found, **dict(_inline_enums(found))}
    enums = [_enum(name, each) for name, each in known.items() if "enum" in each]
    structs = [_struct(name, each, known) for name, each in found.items() if "enum" not in each]
    return formatted("\n\n".join([HEADER, *enums, *structs]))


def _inline_enums(found: Mapping[str, Schema]) -> Iterator[tuple[str, Schema]]:
    """The enumerations that have no name of their own."""
    for owner, schema in found.items():
        for field, each in schema.get("properties", {}).items():
            if len(each.get("enum", [])) > 1:
                yield _enum_name(owner, field), each


def _enum_name(owner: str, field: str) -> str:
    return owner.removesuffix("View") + field.title().replace("_", "")


def _enum(name: str, schema: Schema) -> str:
    members = (f"    {re.sub(r'[^A-Z0-9]', '_', value.upper())} = {value!r}" for value in schema["enum"])
    return "\n".join([f"class {name}(OpenEnum):", *_docstring(schema), *members])


def _struct(name: str, schema: Schema, known: Mapping[str, Schema]) -> str:
    required = schema.get("required", [])
    fields = []
    for field, each in schema["properties"].items():
        default = "" if field in required else _default(each, known)
        fields.append(f"    {field}: {_type(each, _enum_name(name, field))}{default}")
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
        return " | ".join(_type(each, enum) for each in schema["anyOf"])
    if "enum" in schema:
        return enum if len(schema["enum"]) > 1 else f"Literal[{schema['enum'][0]!r}]"
    if schema["type"] == "array":
        return f"tuple[{_type(schema['items'], enum)}, ...]"
    if schema["type"] == "object":
        return f"dict[str, {_type(schema['additionalProperties'], enum)}]"
    return "Moment" if schema.get("format") == "date-time" else _TYPES[schema["type"]]


def _default(schema: Schema, known: Mapping[str, Schema]) -> str:
    value: Any = schema["default"]
    name = reference(schema)
    if name and "enum" in known[name]:
        return f" = {name}({value!r})"
    return " = ()" if value == [] else f" = {value!r}"
