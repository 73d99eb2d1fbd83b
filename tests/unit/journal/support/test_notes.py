"""Which note an entry gets, and for which country."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from functions.journal.support.notes import SupportNote, notes_for, one_line
from functions.shared.backends.local.backend import LocalBackend
from functions.shared.domain import creation, editing, lifecycle
from functions.shared.domain.content import Transcript
from functions.shared.domain.entries import Entry, EntryKey
from functions.shared.domain.records import Account, Address
from functions.shared.ports import Ports
from functions.shared.runtime.settings import Settings
from tests.support.counted import count_calls

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
UID = "ada"


@pytest.fixture
def ports(tmp_path: Path) -> Ports:
    return LocalBackend(Settings(data_dir=str(tmp_path))).ports


def entry(**fields: Any) -> Entry:
    return replace(creation.create_text_entry(EntryKey(UID, "e"), NOW), support=True, **fields)


def account(ports: Ports, **fields: str) -> None:
    new = Account(record_id=UID, created_at=NOW, updated_at=NOW, **fields)  # type: ignore[arg-type]
    ports.records.transact(Address(Account, UID), lambda _, now: (new, None))


def note(ports: Ports, of: Entry) -> SupportNote:
    found = notes_for(UID, ports.records, Settings())(of)
    assert found is not None
    return found


def test_the_lines_are_those_of_the_country_that_the_user_chose(ports: Ports) -> None:
    account(ports, country="GB", timezone="Europe/Berlin")
    found = note(ports, entry(timezone="America/New_York"))
    assert (found.country, found.emergency, found.lines[0].phone) == ("GB", "999", "116 123")
    assert found.text.endswith("please call 999.")
    assert "The people below are there to listen" in found.text


def test_without_a_chosen_country_the_accounts_time_zone_decides_and_then_the_entrys(ports: Ports) -> None:
    assert note(ports, entry(timezone="America/New_York")).country == "US"
    account(ports, timezone="Europe/Berlin")
    assert note(ports, entry(timezone="America/New_York")).country == "DE"


@pytest.mark.parametrize("zone", [None, "UTC", "America/Anguilla"])
def test_where_no_lines_are_known_a_directory_stands_in_and_no_number_is_guessed(
    ports: Ports, zone: str | None
) -> None:
    found = note(ports, entry(timezone=zone))
    assert (found.country, found.emergency, found.lines) == (None, None, ())
    assert found.directory.url == "https://findahelpline.com"
    assert "This directory lists help lines" in found.text
    assert found.text.endswith("please call your local emergency number.")


def test_a_country_without_lines_does_not_get_those_of_the_time_zone(ports: Ports) -> None:
    account(ports, country="AI", timezone="Europe/Berlin")
    assert note(ports, entry()).country is None


def test_only_entries_that_need_a_note_get_one_and_only_for_them_the_account_is_read(ports: Ports) -> None:
    counted, calls = count_calls(ports)
    note_of = notes_for(UID, counted.records, Settings())
    assert note_of(replace(entry(), support=False)) is None
    assert calls == []
    assert note_of(entry()) is not None
    assert note_of(entry()) is not None
    assert len(calls) == 1


def test_notes_can_be_switched_off(ports: Ports) -> None:
    assert notes_for(UID, ports.records, Settings(support="off"))(entry()) is None


def test_the_note_in_one_line_names_the_emergency_number(ports: Ports) -> None:
    assert one_line(note(ports, entry(timezone="Europe/Paris"))).endswith("(in danger: 15):")
    assert one_line(note(ports, entry())).endswith("(in danger: your local emergency number):")


def test_an_edit_keeps_the_users_choice_and_takes_the_finding_back() -> None:
    dismissed = lifecycle.dismiss_support(entry(), NOW, dismissed=True)
    edited = editing.edit(dismissed, Transcript(text="Other words."), NOW, Settings()).entry
    assert edited is not None
    assert (edited.support, edited.support_dismissed) == (False, True)


def test_a_deleted_entry_keeps_neither(ports: Ports) -> None:
    tombstone = lifecycle.delete(entry(support_dismissed=True), NOW).entry
    assert tombstone is not None
    assert (tombstone.support, tombstone.support_dismissed) == (False, False)
