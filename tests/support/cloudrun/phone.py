"""A client of the journal that acts for one user."""

from __future__ import annotations

from typing import Any

import httpx

from functions.shared.domain.entries import EntryKey
from tests.support.cloudrun.region import CLIENTS, Region

Entry = dict[str, Any]


class Phone:
    """One user's device. Every method raises httpx.HTTPStatusError on an error response."""

    def __init__(self, region: Region, uid: str) -> None:
        self.uid = uid
        self.integrator = region.integrator
        token = region.issuer.token(CLIENTS, sub=uid)
        self.http = httpx.Client(
            base_url=f"{region.address}/journal", headers={"Authorization": f"Bearer {token}"}, timeout=120
        )

    def __enter__(self) -> Phone:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def key(self, entry: Entry) -> EntryKey:
        return EntryKey(self.uid, entry["id"])

    def write(self, text: str) -> Entry:
        return self._call("POST", "/v1/entries", json={"text": text})

    def open_upload(self, recording: bytes, **headers: str) -> dict[str, Any]:
        """Opens an upload session for these bytes."""
        body = {"size": len(recording), "content_type": "audio/wav"}
        return self._call("POST", "/v1/uploads", json=body, headers=headers)

    def upload(self, session: dict[str, Any], recording: bytes) -> int:
        """Uploads to the bucket; returns the response's status."""
        sent = httpx.request(
            session["method"], session["url"], headers=session["headers"], content=recording, timeout=120
        )
        return sent.status_code

    def record(self, recording: bytes, **headers: str) -> Entry:
        session = self.open_upload(recording, **headers)
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
        """Waits for the entry's webhook, then reads it; raises TimeoutError."""
        expected = revision or entry["revision"]
        if not self.integrator.await_webhook(self.key(entry), expected, seconds):
            raise TimeoutError(f"no webhook for {entry['id']}, revision {expected}: {self._state(entry)}")
        return self.read(entry["id"])

    def _state(self, entry: Entry) -> Any:
        current = self.read(entry["id"])
        return [current["status"], [(stage["stage"], stage["state"]) for stage in current["stages"]]]

    def _call(self, method: str, path: str, **request: Any) -> Entry:
        response = self.http.request(method, path, **request)
        response.raise_for_status()
        body: Entry = response.json() if response.content else {}
        return body
