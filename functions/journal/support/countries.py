"""Countries, and the country of a time zone, from the tz database's tables (package `tzdata`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files


@cache
def codes() -> frozenset[str]:
    """All countries' ISO 3166-1 alpha-2 codes."""
    return frozenset(row[0] for row in _rows("iso3166.tab"))


def country_of(zone: str) -> str | None:
    """The country of an IANA time zone; None if there is none or it is not clear."""
    return _countries().get(zone)


@cache
def _countries() -> Mapping[str, str]:
    """Country by time zone.

    A former name such as `Asia/Calcutta` has the country of the zone it links to, if that zone is used in no
    other: links also join zones of different countries (`Africa/Asmera`, in Eritrea, and `Africa/Nairobi`).
    """
    countries = {zone: country for country, _, zone, *_ in _rows("zone.tab")}
    used_in = {zone: codes.split(",") for codes, _, zone, *_ in _rows("zone1970.tab")}
    for zone, former in _links():
        if len(where := used_in.get(zone, [])) == 1:
            countries.setdefault(former, where[0])
    return countries


def _links() -> Iterator[tuple[str, str]]:
    """Zones and their other names."""
    for line in _lines("tzdata.zi"):
        if line.startswith("L "):
            _, zone, name = line.split()
            yield zone, name


def _rows(table: str) -> Iterator[list[str]]:
    return (line.split("\t") for line in _lines(table) if line and not line.startswith("#"))


def _lines(name: str) -> list[str]:
    return (files("tzdata") / "zoneinfo" / name).read_text(encoding="utf-8").splitlines()
