"""Hypothesis strategies for msgspec structs, including fields with defaults."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import strategies as st

_LEAVES: Mapping[Any, st.SearchStrategy[Any]] = {
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    str: st.text(max_size=20),
    datetime: st.datetimes(timezones=st.just(UTC)),
    type(None): st.none(),
    msgspec.UnsetType: st.just(msgspec.UNSET),
}


def values(hint: Any, **overrides: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Values of a type: 64-bit integers, times in UTC; `overrides` replace the strategies of fields."""
    if hint in _LEAVES:
        return _LEAVES[hint]
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        fields = {name: values(type_) for name, type_ in typing.get_type_hints(hint).items()}
        return st.builds(hint, **{**fields, **overrides})
    arguments = typing.get_args(hint)
    match typing.get_origin(hint):
        case types.UnionType | typing.Union:
            return st.one_of([values(argument) for argument in arguments])
        case typing.Literal:
            return st.sampled_from(arguments)
        case origin if origin is tuple:
            return st.lists(values(arguments[0]), max_size=3).map(tuple)
        case origin if origin is not None and issubclass(origin, Mapping):
            return st.dictionaries(values(arguments[0]), values(arguments[1]), max_size=3)
    return st.sampled_from(hint)
