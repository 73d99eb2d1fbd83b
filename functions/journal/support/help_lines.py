"""Help lines by country, read from `help_lines.toml` or from an operator's file in its place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from functions.shared.errors import ConfigurationError
from functions.shared.runtime.settings import Settings

SHIPPED = Path(__file__).with_name("help_lines.toml")

CountryCode = Annotated[str, Meta(pattern="^[A-Z]{2}$")]
Words = Annotated[str, Meta(min_length=1, max_length=200)]
Phone = Annotated[str, Meta(pattern=r"^\+?[0-9][0-9 -]*$", max_length=30)]
Page = Annotated[str, Meta(pattern="^https?://[^ ]+$", max_length=300)]
SecurePage = Annotated[str, Meta(pattern="^https://[^ ]+$", max_length=300)]


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One help line; `help_lines.toml` describes the fields."""

    name: Words
    phone: Phone | None = None
    text: Words | None = None
    chat: SecurePage | None = None
    hours: Words
    languages: tuple[Annotated[str, Meta(pattern="^[a-z]{2}$")], ...]
    source: Page
    seen: str = ""

    def __post_init__(self) -> None:
        if not (self.phone or self.text or self.chat):
            raise ValueError(f"{self.name!r} has neither `phone` nor `text` nor `chat`")


class Country(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A country's help lines, the one to show first first, and its emergency number."""

    code: CountryCode
    emergency: Phone
    lines: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=3)]


class Directory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page that lists help lines of many countries."""

    name: Words
    url: SecurePage
    source: Page


class HelpLines(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Help lines by country, and a directory for all other countries.

    `collected` is the day on which the lines were copied from their sources.
    """

    collected: date
    countries: tuple[Country, ...]
    fallback: Directory

    def __post_init__(self) -> None:
        codes = [country.code for country in self.countries]
        if repeated := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"country {repeated[0]} is there twice")

    @property
    def by_code(self) -> Mapping[str, Country]:
        return {country.code: country for country in self.countries}


@cache
def load(path: Path) -> HelpLines:
    """Read and check a file of help lines.

    Raises:
        ConfigurationError: it cannot be read, or something in it is missing, unknown or malformed.
    """
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), HelpLines)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"help lines in {path}: {error}", code="invalid_support_lines") from error


def chosen(settings: Settings) -> HelpLines:
    """The operator's help lines, or else those that ship. Raises ConfigurationError."""
    return load(Path(settings.support_lines) if settings.support_lines else SHIPPED)


def check(settings: Settings) -> None:
    """Check an operator's file. To be called at start, so that it does not fail when somebody needs a line.

    Raises:
        ConfigurationError: `invalid_support_lines`.
    """
    if settings.support == "on" and settings.support_lines:
        chosen(settings)
