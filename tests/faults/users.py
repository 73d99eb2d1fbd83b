"""Simulated users: they record, write, edit and delete entries, and retry failed requests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx
import msgspec

from functions.shared.domain.entries import EntryKey
from tests.faults.clips import Clips, noise
from tests.faults.plan import Action, InputKind, PlannedEntry
from tests.support.cloudrun.phone import Phone

T = TypeVar("T")

CANARY = "quillfeather"
"""A word in every typed entry, which must not appear in any log."""
CLOSED = frozenset({404, 410, 499})
TRIES = 200
FINISHED_S = 400.0


class EntryOutcome(msgspec.Struct, kw_only=True):
    """What the user knows of an accepted entry, to be compared with the stored one."""

    planned: PlannedEntry
    key: EntryKey
    revision: int = 1
    text: str | None = None
    deleted: bool = False
    announced: bool = False


class SimulatedUser:
    """Carries out planned entries."""

    def __init__(self, phone: Phone, clips: Clips) -> None:
        self._phone = phone
        self._clips = clips

    def run(self, planned: PlannedEntry) -> EntryOutcome:
        outcome = self._begin(planned)
        threading.Event().wait(planned.wait_s)
        match planned.action:
            case Action.EDITED:
                self._edit(outcome, "in time")
            case Action.CONTENDED:
                self._contend(outcome)
            case Action.DELETED | Action.LATE:
                self._delete(outcome)
        if not outcome.deleted:
            outcome.announced = self._phone.integrator.await_webhook(
                outcome.key, outcome.revision, FINISHED_S
            )
        return outcome

    def _begin(self, planned: PlannedEntry) -> EntryOutcome:
        if planned.kind is InputKind.TYPED:
            text = _text(planned, "at first")
            entry = with_retries(lambda: self._phone.write(text))
            return EntryOutcome(planned=planned, key=self._phone.key(entry), text=text)
        recording = self._recording(planned)
        session = with_retries(lambda: self._phone.open_upload(recording))
        outcome = EntryOutcome(planned=planned, key=self._phone.key(session["entry"]))
        if planned.action is Action.LATE:
            self._delete(outcome)
        with_retries(lambda: self._upload(session, recording, closed=outcome.deleted))
        if planned.action is Action.TWICE:
            self._phone.upload(session, recording)
        return outcome

    def _upload(self, session: dict[str, Any], recording: bytes, *, closed: bool) -> None:
        """Uploads to the bucket. The session of a deleted entry (`closed`) may refuse."""
        status = self._phone.upload(session, recording)
        if status != 200 and not (closed and status in CLOSED):
            raise RuntimeError(f"the bucket answered {status}")

    def _recording(self, planned: PlannedEntry) -> bytes:
        make = {InputKind.LONG: self._clips.long, InputKind.NOISE: noise}.get(planned.kind, self._clips.short)
        return make(planned.rng)

    def _edit(self, outcome: EntryOutcome, how: str) -> None:
        text = _text(outcome.planned, how)
        entry = with_retries(lambda: self._phone.edit(outcome.key.entry_id, text))
        outcome.revision, outcome.text = entry["revision"], text

    def _contend(self, outcome: EntryOutcome) -> None:
        """Sends four edits concurrently; the response of each is the entry after it."""

        def edit(number: int) -> dict[str, Any]:
            text = _text(outcome.planned, f"{number} of four")
            return with_retries(lambda: self._phone.edit(outcome.key.entry_id, text))

        with ThreadPoolExecutor(4) as pool:
            last = max(pool.map(edit, range(4)), key=lambda entry: int(entry["revision"]))
        outcome.revision, outcome.text = last["revision"], (last["transcript"] or {}).get("text")

    def _delete(self, outcome: EntryOutcome) -> None:
        with_retries(lambda: self._phone.delete(outcome.key.entry_id), gone=True)
        outcome.deleted = True


def with_retries(call: Callable[[], T], *, gone: bool = False) -> T:
    """Retries on temporary failures; with `gone`, 404 counts as success."""
    for _ in range(TRIES):
        try:
            return call()
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            if gone and status == 404:
                return None  # type: ignore[return-value]
            if status < 500 and status not in (409, 429):
                raise
        except httpx.TransportError:
            pass
        threading.Event().wait(0.5)
    raise TimeoutError("too many failed attempts")


def _text(planned: PlannedEntry, how: str) -> str:
    mood = planned.rng.choice(("so happy and grateful", "afraid of tomorrow", "angry with myself", "calm"))
    return f"Entry {planned.number}, {how}. Today I was {mood}. The {CANARY} told me to write it down."
