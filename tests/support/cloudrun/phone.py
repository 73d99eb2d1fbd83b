"""A client of the journal, with its owner's token."""

from __future__ import annotations

from typing import Any

import httpx

from functions.shared.domain.entries import EntryKey
from tests.support.cloudrun.region import CLIENTS, Region

Entry = dict[str, Any]


class Phone:
    """One person's. Every method raises httpx.HTTPStatusError where it is refused."""

    def __init__(self, region: Region, uid: str) -> None:
        self.uid = uid
        self.integrator = region.integrator
        token = region.issuer.token(CLIENTS, sub=uid)
        self.http = httpx.Client(
            base_url=f"{region.address}/journal", headers={"Authorization": f"Bearer {token}"}, timeout=90
        )

    def __enter__(self) -> Phone:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def key(self, entry: Entry) -> EntryKey:
        return EntryKey(self.uid, entry["id"])

    def write(self, text: str) -> Entry:
        return self._call("POST", "/v1/entries", json={"text": text})

    def promise(self, recording: bytes, **headers: str) -> dict[str, Any]:
        """An upload session for these bytes."""
        asked = {"size": len(recording), "content_type": "audio/wav"}
        return self._call("POST", "/v1/uploads", json=asked, headers=headers)

    def upload(self, session: dict[str, Any], recording: bytes) -> int:
        """Straight to the bucket; the status it answers."""
        sent = httpx.request(
            session["method"], session["url"], headers=session["headers"], content=recording, timeout=90
        )
        return sent.status_code

    def record(self, recording: bytes, **headers: str) -> Entry:
        session = self.promise(recording, **headers)
        if (status := self.upload(session, recording)) != 200:
            raise RuntimeError(f"the bucket answered {status}")
        entry: Entry = session["entry"]
        return entry

    def read(self, entry_id: str) -> Entry:
        return self._call("GET", f"/v1/entries/{entry_id}")

    def edit(self, entry_id: str, text: str) -> Entry:
        return self._call("PATCH", f"/v1/entries/{entry_id}", json={"text": text})

    def delete(self, entry_id: str) -> None:
        self._call("DELETE", f"/v1/entries/{entry_id}")

    def finished(self, entry: Entry, revision: int | None = None, seconds: float = 120.0) -> Entry:
        """The entry, once the integrator has heard of it; raises TimeoutError."""
        wanted = revision or entry["revision"]
        if not self.integrator.await_told(self.key(entry), wanted, seconds):
            raise TimeoutError(f"no webhook for {entry['id']}, revision {wanted}: {self._state(entry)}")
        return self.read(entry["id"])

    def _state(self, entry: Entry) -> Any:
        standing = self.read(entry["id"])
        return [standing["status"], [(stage["stage"], stage["state"]) for stage in standing["stages"]]]

    def _call(self, method: str, path: str, **request: Any) -> Entry:
        answer = self.http.request(method, path, **request)
        answer.raise_for_status()
        found: Entry = answer.json() if answer.content else {}
        return found
