"""Validates the time zone and the country of an account."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from msgspec import UnsetType

from functions.journal.support import countries
from functions.shared.errors import InvalidRequest


def require_time_zone(zone: str | UnsetType | None) -> None:
    """Raises InvalidRequest unless it is an IANA name, or no string."""
    if isinstance(zone, str) and zone not in _time_zones():
        raise InvalidRequest("`timezone` is not an IANA name", code="invalid_field")


def require_country(code: str | UnsetType | None) -> None:
    """Raises InvalidRequest unless it is an ISO 3166-1 alpha-2 code, or no string."""
    if isinstance(code, str) and code not in countries.codes():
        raise InvalidRequest("`country` is not the code of a country", code="invalid_field")


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())
