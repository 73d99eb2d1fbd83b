"""The caller's personal dictionary. Names are only in bodies: platforms log addresses."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from functions.journal.names import PersonalNames
from functions.shared.access.authorization import Requirement
from functions.shared.domain import names
from functions.shared.domain.names import MAX_CHARS, MAX_NAMES
from functions.shared.domain.records import NameDictionary, Scope
from functions.shared.observability import logs
from functions.shared.web.routing import Call, Reply, Route

TAG = "Names"
_PATH = "/v1/names"


class SuggestedName(msgspec.Struct, frozen=True, kw_only=True):
    """A name that you wrote in place of what was heard. It has no effect until you add it."""

    name: str
    heard: str


class NameList(msgspec.Struct, frozen=True, kw_only=True):
    """A personal dictionary, in the order in which names were added, and suggestions, the newest first."""

    names: tuple[str, ...]
    suggestions: tuple[SuggestedName, ...]
    max_names: int = MAX_NAMES
    max_characters: int = MAX_CHARS


class NameChanges(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Names to remove, to add, and suggestions to decline, in this order. Case does not tell names apart."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    decline: tuple[str, ...] = ()


class NameApi:
    """Handlers over the callers' personal dictionaries."""

    def __init__(self, personal_names: PersonalNames) -> None:
        self._names = personal_names

    def read(self, call: Call[None]) -> Reply:
        return Reply(body=_view(self._names.get(call.uid)))

    def change(self, call: Call[NameChanges]) -> Reply:
        changes = call.body

        def change(dictionary: NameDictionary) -> NameDictionary:
            dictionary = names.add(names.remove(dictionary, changes.remove), changes.add)
            return names.decline(dictionary, changes.decline)

        changed = self._names.change(call.uid, change)
        logs.audit("edit", call.uid, "names")
        return Reply(body=_view(changed))


def _view(dictionary: NameDictionary) -> NameList:
    suggestions = (SuggestedName(name=item.name, heard=item.heard) for item in dictionary.suggestions)
    return NameList(names=dictionary.names, suggestions=tuple(suggestions))


def routes(api: NameApi) -> Sequence[Route]:
    return [
        Route(
            method="GET",
            path=_PATH,
            handler=api.read,
            summary="List the names of your life",
            description="Transcription expects these names and spells them like this. Suggestions are names "
            "that you corrected in the transcript of a recording.",
            tag=TAG,
            requires=Requirement(scope=Scope.READ),
            replies={200: NameList},
        ),
        Route(
            method="PATCH",
            path=_PATH,
            handler=api.change,
            summary="Add or remove names",
            description="Applies to recordings transcribed from then on. A name has letters, and may have "
            "digits, spaces and the characters ' - . &. Adding a name that is there replaces its spelling; "
            "removing one that is not changes nothing.",
            tag=TAG,
            requires=Requirement(scope=Scope.WRITE),
            body=NameChanges,
            replies={200: NameList},
            problems={"invalid_name": 400, "name_too_long": 400, "too_many_names": 409},
        ),
    ]
