"""The API operations, by the client method that calls each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Operation(NamedTuple):
    """Method and path of an operation.

    Attributes:
        path: `{}` stands for an identifier.
        repeatable: idempotent, so that it may be retried when no response arrives.
        done: the error code of a retry whose first attempt succeeded although its response was lost.
    """

    method: str
    path: str
    repeatable: bool
    done: str = ""


OPERATIONS: Mapping[str, Operation] = {
    "entries.create": Operation(
        "POST", "/v1/entries", True
    ),  # like uploads.open, it sends an idempotency key
    "entries.list": Operation("GET", "/v1/entries", True),
    "entries.get": Operation("GET", "/v1/entries/{}", True),
    "entries.edit": Operation("PATCH", "/v1/entries/{}", False),
    "entries.transcribe": Operation("POST", "/v1/entries/{}/transcription", False),
    "entries.delete": Operation("DELETE", "/v1/entries/{}", True, "entry_not_found"),
    "entries.feedback": Operation("PUT", "/v1/entries/{}/feedback", True),
    "corrections.set": Operation("PATCH", "/v1/entries/{}/corrections", True),
    "corrections.take_back": Operation("DELETE", "/v1/entries/{}/corrections", True),
    "entries.follow": Operation("GET", "/v1/entries/{}/events", True),
    "entries.transcript": Operation("GET", "/v1/entries/{}/transcript", True),
    "entries.audio": Operation("GET", "/v1/entries/{}/audio", True),
    "entries.similar": Operation("GET", "/v1/entries/{}/similar", True),
    "uploads.open": Operation("POST", "/v1/uploads", True),
    "uploads.send": Operation("PUT", "/v1/entries/{}/audio", True, "audio_exists"),
    "account.get": Operation("GET", "/v1/me", True),
    "account.update": Operation("PATCH", "/v1/me", True),
    "account.delete": Operation("DELETE", "/v1/me", True),
    "names.get": Operation("GET", "/v1/names", True),
    "names.change": Operation("PATCH", "/v1/names", True),
    "keys.create": Operation("POST", "/v1/keys", False),
    "keys.list": Operation("GET", "/v1/keys", True),
    "keys.rotate": Operation("POST", "/v1/keys/{}/rotate", False),
    "keys.revoke": Operation("DELETE", "/v1/keys/{}", True, "key_not_found"),
    "exports.create": Operation("POST", "/v1/exports", False),
    "jobs.list": Operation("GET", "/v1/jobs", True),
    "jobs.get": Operation("GET", "/v1/jobs/{}", True),
    "jobs.cancel": Operation("POST", "/v1/jobs/{}/cancel", True),
    "jobs.result": Operation("GET", "/v1/jobs/{}/result", True),
    "admin.get": Operation("GET", "/v1/admin/accounts/{}", True),
    "admin.delete": Operation("DELETE", "/v1/admin/accounts/{}", True),
    "admin.revoke_keys": Operation("POST", "/v1/admin/accounts/{}/keys/revoke", True),
    "dictation.address": Operation("GET", "/v1/dictation/address", True),
    "search": Operation("GET", "/v1/search", True),
    "predict": Operation("POST", "/predict", True),
    "predict_batch": Operation("POST", "/predict_batch", True),
    "summarize": Operation("POST", "/summarize", True),
    "transcribe": Operation("POST", "/transcribe", True),
    "transcribe_batch": Operation("POST", "/transcribe/batch", False),
}
