"""A user's personal dictionary: the names of their life, and names to offer them for it. Pure functions."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from functions.shared.domain.records import Address, NameDictionary, NameSuggestion
from functions.shared.errors import Conflict, InvalidRequest

MAX_NAMES = 200
MAX_CHARS = 40
MAX_SUGGESTIONS = 20
_MAX_DECLINED = 500
_PUNCTUATION = frozenset(" '-.&")
_RECORD_ID = "names"


def names_address(uid: str) -> Address[NameDictionary]:
    return Address(NameDictionary, _RECORD_ID, owner=uid)


def empty(uid: str) -> NameDictionary:
    """The dictionary of a user who has none yet."""
    return NameDictionary(record_id=_RECORD_ID, owner=uid)


def normalized(text: str) -> str:
    """A name as it is stored: composed, with plain apostrophes and single spaces.

    Raises:
        InvalidRequest: `invalid_name`, it has no letter or a character that names do not have;
            `name_too_long`.
    """
    name = " ".join(unicodedata.normalize("NFC", text).replace("’", "'").split())
    if not any(character.isalpha() for character in name) or not all(map(_is_allowed, name)):
        raise InvalidRequest(
            "a name has letters, and may have digits, spaces and the characters ' - . &", code="invalid_name"
        )
    if len(name) > MAX_CHARS:
        raise InvalidRequest(
            f"the name has {len(name)} characters; the limit is {MAX_CHARS}", code="name_too_long"
        )
    return name


def add(dictionary: NameDictionary, names: Iterable[str]) -> NameDictionary:
    """Add names; one that differs in case only replaces the old spelling. They are no suggestions any more.

    Raises:
        InvalidRequest: as `normalized`.
        Conflict: `too_many_names`.
    """
    by_key = {_key(name): name for name in dictionary.names}
    by_key |= {_key(name): name for name in map(normalized, names)}
    if len(by_key) > MAX_NAMES:
        raise Conflict(f"a dictionary has at most {MAX_NAMES} names", code="too_many_names")
    left = tuple(item for item in dictionary.suggestions if _key(item.name) not in by_key)
    return replace(dictionary, names=tuple(by_key.values()), suggestions=left)


def remove(dictionary: NameDictionary, names: Iterable[str]) -> NameDictionary:
    """Remove names, if they are there; case does not matter. Raises InvalidRequest as `normalized`."""
    removed = {_key(normalized(name)) for name in names}
    return replace(dictionary, names=tuple(name for name in dictionary.names if _key(name) not in removed))


def decline(dictionary: NameDictionary, names: Iterable[str]) -> NameDictionary:
    """Offer these names no more. Of each, a hash is kept. Raises InvalidRequest as `normalized`."""
    keys = {_key(normalized(name)) for name in names}
    left = tuple(item for item in dictionary.suggestions if _key(item.name) not in keys)
    declined = dict.fromkeys([*dictionary.declined, *map(_digest, sorted(keys))])
    return replace(dictionary, suggestions=left, declined=tuple(declined)[-_MAX_DECLINED:])


def suggest(dictionary: NameDictionary, found: Sequence[NameSuggestion]) -> NameDictionary:
    """Offer names, the newest first, unless they are known or were declined."""
    known = {_key(name) for name in dictionary.names}
    offered = {
        _key(item.name): item
        for item in (*reversed(dictionary.suggestions), *found)
        if _key(item.name) not in known and _digest(_key(item.name)) not in dictionary.declined
    }
    return replace(dictionary, suggestions=tuple(reversed(offered.values()))[:MAX_SUGGESTIONS])


def forget_entry(dictionary: NameDictionary, entry_id: str) -> NameDictionary:
    """Without the suggestions that come from an entry."""
    left = tuple(item for item in dictionary.suggestions if item.entry_id != entry_id)
    return replace(dictionary, suggestions=left)


def _is_allowed(character: str) -> bool:
    return character in _PUNCTUATION or unicodedata.category(character)[0] in "LMN"


def _key(name: str) -> str:
    return name.casefold()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]
