"""Attaches uploaded recordings to their entries, and deletes recordings."""

from __future__ import annotations

from functions.shared.domain import lifecycle
from functions.shared.domain.content import PartialReason
from functions.shared.domain.entries import Audio, Entry, EntryKey
from functions.shared.pipeline.outbox import Outbox
from functions.shared.pipeline.transactions import update_entry
from functions.shared.ports import Ports
from functions.shared.runtime.settings import Settings


class Recordings:
    """The recordings of all entries of a store."""

    def __init__(self, ports: Ports, settings: Settings, outbox: Outbox) -> None:
        self._ports = ports
        self._settings = settings
        self._outbox = outbox

    def adopt(
        self,
        key: EntryKey,
        audio: Audio | None = None,
        *,
        partial: bool = False,
        reason: PartialReason | None = None,
    ) -> Entry | None:
        """Attach a stored recording to its entry and start transcription; return the entry.

        The recording is deleted instead if its entry does not exist, was deleted, or already has another one.

        Args:
            audio: the recording, if the caller has just stored it; otherwise it is looked up. Without its
                `duration_s`, the transcription stage probes it.
            partial: the recording was probed, and not all of it can be heard.
            reason: why it is partial.
        """
        recording = audio or self._ports.audio.find(key)
        if recording is None:
            return None
        entry = update_entry(
            self._ports.store,
            key,
            lambda stored, now: (
                stored
                and lifecycle.receive_audio(
                    stored, recording, now, self._settings, partial=partial, reason=reason
                )
            ),
        )
        if entry is None or not lifecycle.owns_audio(entry, recording):
            self._ports.audio.delete(recording)
        if entry is not None:
            self._outbox.try_publish(entry)
        return entry

    def delete(self, entry: Entry) -> None:
        """Delete an entry's recording, then record that in the entry or its tombstone."""
        audio = entry.audio or self._ports.audio.find(entry.key)
        if audio is not None:
            self._ports.audio.delete(audio)
        update_entry(
            self._ports.store,
            entry.key,
            lambda stored, now: stored and lifecycle.remove_audio(stored, now, self._settings),
        )
