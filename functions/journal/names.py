"""A user's personal dictionary: read, changed, and offered names that the user corrected in transcripts."""

from __future__ import annotations

from collections.abc import Callable

from functions.shared.domain import names
from functions.shared.domain.content import Transcript
from functions.shared.domain.entries import EntryKey
from functions.shared.domain.records import NameDictionary, NameSuggestion
from functions.shared.errors import InvalidRequest, TemporaryError
from functions.shared.observability import logs
from functions.shared.ports import UNCHANGED, RecordStore, RecordUpdate
from functions.shared.text.misheard import misheard_names

Change = Callable[[NameDictionary], NameDictionary]


class PersonalNames:
    """The personal dictionaries of all users."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records

    def get(self, uid: str) -> NameDictionary:
        return self._records.get(names.names_address(uid)) or names.empty(uid)

    def change(self, uid: str, change: Change) -> NameDictionary:
        """Apply a change from `domain.names`, and return the dictionary after it; raises what that does."""

        def update(stored: NameDictionary | None, _: object) -> RecordUpdate[NameDictionary, NameDictionary]:
            changed = change(stored or names.empty(uid))
            return (UNCHANGED if changed == stored else changed), changed

        return self._records.transact(names.names_address(uid), update)

    def offer(self, key: EntryKey, heard: Transcript | None, text: str) -> None:
        """Offer the names that `text` has in place of what was heard. A failure costs only the offer."""
        found = [] if heard is None else misheard_names(heard.text, text)
        suggestions = [
            NameSuggestion(name=name, heard=item.heard, entry_id=key.entry_id)
            for item in found
            if (name := _valid(item.name)) is not None
        ]
        if suggestions:
            self._try(key.uid, lambda dictionary: names.suggest(dictionary, suggestions))

    def forget_entry(self, key: EntryKey) -> None:
        """Withdraw what an entry suggested, because it is deleted."""
        if any(item.entry_id == key.entry_id for item in self.get(key.uid).suggestions):
            self.change(key.uid, lambda dictionary: names.forget_entry(dictionary, key.entry_id))

    def _try(self, uid: str, change: Change) -> None:
        try:
            self.change(uid, change)
        except TemporaryError:
            logs.event("names not offered", actor=logs.pseudonym(uid))


def _valid(text: str) -> str | None:
    try:
        return names.normalized(text)
    except InvalidRequest:
        return None
