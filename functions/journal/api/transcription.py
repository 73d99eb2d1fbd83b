"""Transcribes the recording of an entry again, where words are missing."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from functions.journal.api.entries import ENTRY_PATH, NOT_FOUND
from functions.journal.journal import Journals
from functions.journal.views.entries import TAG, EntryView, entry_view
from functions.shared.access.authorization import Requirement
from functions.shared.domain.records import Scope
from functions.shared.observability import logs
from functions.shared.runtime.settings import SpeechEngine
from functions.shared.web.routing import Call, Reply, Route


class NewTranscription(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How to transcribe the recording. `engine`: by default the one that this deployment uses."""

    engine: SpeechEngine | None = None


class TranscriptionApi:
    """Handlers over the callers' journals. A recording counted against quotas when it came."""

    def __init__(self, journals: Journals) -> None:
        self._journals = journals

    def create(self, call: Call[NewTranscription]) -> Reply:
        journal, entry_id = self._journals(call.uid), call.path["entry_id"]
        loaded = journal.transcribe_again(entry_id, call.body.engine)
        logs.audit("edit", call.uid, entry_id)
        return Reply(status=202, body=entry_view(*loaded))


def routes(api: TranscriptionApi) -> Sequence[Route]:
    return [
        Route(
            method="POST",
            path=f"{ENTRY_PATH}/transcription",
            handler=api.create,
            summary="Transcribe an entry's recording again",
            description="For an entry without words, with segments that were left out, or whose "
            "transcription failed. It becomes a new revision, which passes through every stage.",
            tag=TAG,
            requires=Requirement(scope=Scope.WRITE),
            body=NewTranscription,
            replies={202: EntryView},
            problems={
                **NOT_FOUND,
                "engine_unavailable": 400,
                "audio_gone": 409,
                "nothing_missing": 409,
            },
        )
    ]
