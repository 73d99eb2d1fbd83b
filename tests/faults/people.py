"""The owners of the entries: they speak, write, change their minds, and try again when refused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx
import msgspec

from functions.shared.domain.entries import EntryKey
from tests.faults.clips import Clips, noise
from tests.faults.plan import Fate, Planned, Said
from tests.support.cloudrun.phone import Phone

T = TypeVar("T")

CANARY = "quillfeather"
"""A word of every typed entry; no log may hold it."""
CLOSED = frozenset({404, 410, 499})
TRIES = 200
FINISHED_S = 400.0


class Lived(msgspec.Struct, kw_only=True):
    """What its owner knows of an entry: it was accepted, and should be found so at the end."""

    planned: Planned
    key: EntryKey
    revision: int = 1
    text: str | None = None
    deleted: bool = False
    told: bool = False


class Person:
    """Lives entries through, one after the other."""

    def __init__(self, phone: Phone, clips: Clips) -> None:
        self._phone = phone
        self._clips = clips

    def live(self, planned: Planned) -> Lived:
        lived = self._begin(planned)
        threading.Event().wait(planned.wait_s)
        match planned.fate:
            case Fate.EDITED:
                self._edit(lived, "in time")
            case Fate.CONTENDED:
                self._contend(lived)
            case Fate.DELETED | Fate.LATE:
                self._delete(lived)
        if not lived.deleted:
            lived.told = self._phone.integrator.await_told(lived.key, lived.revision, FINISHED_S)
        return lived

    def _begin(self, planned: Planned) -> Lived:
        if planned.said is Said.TYPED:
            text = _text(planned, "at first")
            entry = persistently(lambda: self._phone.write(text))
            return Lived(planned=planned, key=self._phone.key(entry), text=text)
        recording = self._recording(planned)
        session = persistently(lambda: self._phone.promise(recording))
        lived = Lived(planned=planned, key=self._phone.key(session["entry"]))
        if planned.fate is Fate.LATE:
            self._delete(lived)
        persistently(lambda: self._upload(session, recording, closed=lived.deleted))
        if planned.fate is Fate.TWICE:
            self._phone.upload(session, recording)
        return lived

    def _upload(self, session: dict[str, Any], recording: bytes, *, closed: bool) -> None:
        """Straight to the bucket. A session that is `closed` with its entry may take nothing any more."""
        status = self._phone.upload(session, recording)
        if status != 200 and not (closed and status in CLOSED):
            raise RuntimeError(f"the bucket answered {status}")

    def _recording(self, planned: Planned) -> bytes:
        make = {Said.LONG: self._clips.long, Said.NOISE: noise}.get(planned.said, self._clips.short)
        return make(planned.chance)

    def _edit(self, lived: Lived, how: str) -> None:
        text = _text(lived.planned, how)
        entry = persistently(lambda: self._phone.edit(lived.key.entry_id, text))
        lived.revision, lived.text = entry["revision"], text

    def _contend(self, lived: Lived) -> None:
        """Four edits at the same moment; each is answered with the entry as it stands after it."""

        def edit(number: int) -> dict[str, Any]:
            text = _text(lived.planned, f"{number} of four")
            return persistently(lambda: self._phone.edit(lived.key.entry_id, text))

        with ThreadPoolExecutor(4) as pool:
            last = max(pool.map(edit, range(4)), key=lambda entry: int(entry["revision"]))
        lived.revision, lived.text = last["revision"], (last["transcript"] or {}).get("text")

    def _delete(self, lived: Lived) -> None:
        persistently(lambda: self._phone.delete(lived.key.entry_id), gone=True)
        lived.deleted = True


def persistently(call: Callable[[], T], *, gone: bool = False) -> T:
    """Try again what was refused for now; `gone`: that it is not there (any more) is as good."""
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
    raise TimeoutError("refused too often")


def _text(planned: Planned, how: str) -> str:
    mood = planned.chance.choice(("so happy and grateful", "afraid of tomorrow", "angry with myself", "calm"))
    return f"Entry {planned.number}, {how}. Today I was {mood}. The {CANARY} told me to write it down."
