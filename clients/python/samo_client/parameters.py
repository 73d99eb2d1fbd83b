"""Query parameters and request bodies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

Parameters = Mapping[str, str | int | float | datetime | None]


def without_none(**values: Any) -> dict[str, Any]:
    """The values that are not None."""
    return {name: value for name, value in values.items() if value is not None}


def query(parameters: Parameters | None) -> dict[str, str]:
    """Formats query parameters, leaving out those that are None."""
    return {name: _text(value) for name, value in (parameters or {}).items() if value is not None}


def _text(value: str | int | float | datetime | None) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
