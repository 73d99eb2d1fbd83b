"""The note that an entry shows in place of its scores, if a caring reader would offer support."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from functions.journal.support import help_lines
from functions.journal.support.countries import country_of
from functions.journal.support.help_lines import Country, Line
from functions.shared.access.accounts import Accounts
from functions.shared.domain.entries import Entry
from functions.shared.domain.records import Account
from functions.shared.ports import RecordStore
from functions.shared.runtime.settings import Settings

# docs/support.md says what shaped these words.
_BEGINS = (
    "What you wrote sounds hard to carry. Asking for help isn't always easy, and whether to is up to you. "
)
_LINES = "The people below are there to listen, whatever you want to talk about. "
_DIRECTORY = "This directory lists help lines in many countries. "
_DANGER = "If you may be in danger right now, please call {emergency}."
_ONE_LINE = (
    "What you wrote sounds hard to carry. If you'd like to talk to someone, they are there to listen "
    "(in danger: {emergency}):"
)
_ANY_EMERGENCY = "your local emergency number"


class HelpLine(msgspec.Struct, frozen=True, kw_only=True):
    """A help line: at least one of `phone`, `text` and `chat` is there.

    `phone` is as people in the country write it, `text` says what to send where, `chat` is a page.
    `languages` are ISO 639-1 codes, `source` is the page that names the line.
    """

    name: str
    phone: str | None
    text: str | None
    chat: str | None
    hours: str
    languages: tuple[str, ...]
    source: str


class HelpDirectory(msgspec.Struct, frozen=True, kw_only=True):
    """A page that lists help lines of many countries."""

    name: str
    url: str


class SupportNote(msgspec.Struct, frozen=True, kw_only=True):
    """A note for somebody whose entry sounds hopeless or speaks of self-harm.

    Unless `dismissed`, show it in place of the insight's emotions, feelings, topics, mood and arc; transcript
    and summary stay. `country` is where `lines` and `emergency` are: the account's, or that of its or the
    entry's time zone. If it is unknown or has no lines, it is null, and `directory` stands in for them.
    """

    text: str
    country: str | None
    emergency: str | None
    lines: tuple[HelpLine, ...]
    directory: HelpDirectory
    dismissed: bool


NoteOf = Callable[[Entry], SupportNote | None]
"""The note for an entry; None if it needs none or notes are off."""


def notes_for(uid: str, records: RecordStore, settings: Settings) -> NoteOf:
    """The notes for entries of one user, whose account is read at most once and only if an entry needs it."""
    accounts: list[Account | None] = []

    def note_of(entry: Entry) -> SupportNote | None:
        if not entry.support or settings.support == "off":
            return None
        if not accounts:
            accounts.append(Accounts(records).get(uid))
        return make_note(_country(accounts[0], entry), settings, dismissed=entry.support_dismissed)

    return note_of


def make_note(code: str | None, settings: Settings, *, dismissed: bool = False) -> SupportNote:
    """The note for a user in this country; None if it is unknown."""
    listed = help_lines.chosen(settings)
    country = listed.by_code.get(code) if code else None
    return SupportNote(
        text=_text(country),
        country=country.code if country else None,
        emergency=country.emergency if country else None,
        lines=tuple(map(_line, country.lines)) if country else (),
        directory=HelpDirectory(name=listed.fallback.name, url=listed.fallback.url),
        dismissed=dismissed,
    )


def one_line(note: SupportNote) -> str:
    """The note in one line, to print above its lines."""
    return _ONE_LINE.format(emergency=note.emergency or _ANY_EMERGENCY)


def _country(account: Account | None, entry: Entry) -> str | None:
    """Where the user is: what they said themselves, or else the country of their time zone."""
    if account and account.country:
        return account.country
    zones = (account.timezone if account else None, entry.timezone)
    return next((country for zone in zones if zone and (country := country_of(zone))), None)


def _text(country: Country | None) -> str:
    danger = _DANGER.format(emergency=country.emergency if country else _ANY_EMERGENCY)
    return f"{_BEGINS}{_LINES if country else _DIRECTORY}{danger}"


def _line(line: Line) -> HelpLine:
    return HelpLine(
        name=line.name,
        phone=line.phone,
        text=line.text,
        chat=line.chat,
        hours=line.hours,
        languages=line.languages,
        source=line.source,
    )
