"""Records: documents other than entries, such as accounts, API keys, quota usage and jobs.

Plain frozen structs, one document each. `collection` and `nested` determine a record's path: below its owner
(`users/{uid}/jobs/{id}`) or at the top level (`keys/{id}`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

import msgspec

from functions.shared.runtime.settings import AudioRetention


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One document.

    Attributes:
        record_id: unique within its collection.
        owner: the user it belongs to; empty if none.
        wake_at: when background work on it is due.
        expires_at: when it starts to count as deleted; the store removes it some time later.
    """

    collection: ClassVar[str]
    nested: ClassVar[bool] = True
    shared_access: ClassVar[bool] = False
    """Whether it lives in the access database, which services without access to journals can read."""

    record_id: str
    owner: str = ""
    wake_at: datetime | None = None
    expires_at: datetime | None = None


R = TypeVar("R", bound=Record)


class Address(msgspec.Struct, Generic[R], frozen=True):
    """Identifies a record; top-level kinds need no owner."""

    kind: type[R]
    record_id: str
    owner: str = ""

    @property
    def scope(self) -> str:
        """The scope in which its ID is unique: the owner, or empty for top-level kinds."""
        return self.owner if self.kind.nested else ""


def address_of(record: R) -> Address[R]:
    return Address(type(record), record.record_id, record.owner)


class Account(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A user's consent and preferences. A user without one has the deployment's defaults.

    Attributes:
        consent_version: the version of the terms that the user agreed to.
        language: BCP 47; the language of the user's clients.
        country: ISO 3166-1 alpha-2; where the user's help lines are.
        audio_retention: how long recordings are kept; `days` uses `audio_retention_days`.
        retention_days: how many days entries are kept; None keeps them forever.
        share_corrections: whether the user's corrections may be used to train models; None: no.
    """

    collection = "users"
    nested = False

    created_at: datetime
    updated_at: datetime
    consent_version: str | None = None
    consented_at: datetime | None = None
    timezone: str | None = None
    language: str | None = None
    country: str | None = None
    audio_retention: AudioRetention | None = None
    audio_retention_days: int | None = None
    retention_days: int | None = None
    share_corrections: bool | None = None


class NameSuggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A name that a user corrected in a transcript: what was heard in its place, and in which entry."""

    name: str
    heard: str
    entry_id: str


class NameDictionary(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A user's personal dictionary: names that transcription is to expect.

    Attributes:
        suggestions: names offered to the user, the newest first.
        declined: hashes of names that are not offered again.
    """

    collection = "names"

    names: tuple[str, ...] = ()
    suggestions: tuple[NameSuggestion, ...] = ()
    declined: tuple[str, ...] = ()


class DeletedAccount(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A deleted account's tombstone. Its ID is a hash of the user's ID.

    It has no owner, so that it outlives the user's data.

    Attributes:
        uid: the user, until all of their data is deleted; then empty.
    """

    collection = "departed"
    nested = False

    uid: str = ""
    deleted_at: datetime


class Scope(StrEnum):
    """A permission of a caller."""

    READ = "entries:read"
    WRITE = "entries:write"
    DELETE = "entries:delete"
    EXPORT = "entries:export"
    ANALYZE = "analyze"
    ACCOUNT = "account"
    ADMIN = "admin"


class ApiKey(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Lets a server act as its owner within the key's scopes. Only hashes of the secret are stored.

    Attributes:
        digest: SHA-256 of the secret, in hex.
        former: SHA-256 of the secret before the last rotation, valid until `former_until`.
        last_used_at: accurate to a few minutes.
    """

    collection = "keys"
    nested = False
    shared_access = True

    name: str
    scopes: frozenset[Scope]
    digest: str
    former: str | None = None
    former_until: datetime | None = None
    created_at: datetime
    ends_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class QuotaUsage(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How much of a quota all instances together have leased since its window began.

    Attributes:
        taken: in the quota's unit, rounded up.
        taken_exactly: the same in bytes, for quotas in MiB; None in documents of older versions.
    """

    collection = "allowances"
    shared_access = True

    began_at: datetime
    taken: int
    taken_exactly: int | None = None


class IdempotentRequest(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A request with an idempotency key: a digest of the request, and the entry it created."""

    collection = "requests"

    digest: str
    entry_id: str


class JobKind(StrEnum):
    EXPORT = "export"
    TRANSCRIPTION = "transcription"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Work that takes longer than a request; `done` of `total` parts are finished."""

    collection = "jobs"

    kind: JobKind
    state: JobState = JobState.QUEUED
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None
    done: int = 0
    total: int | None = None
    attempt: int = 0
    lease_token: str | None = None
    code: str | None = None
    """Why it failed: an error code."""
    detail: Mapping[str, str] = {}
    """Parameters of its kind of job; never journal text."""


KINDS: tuple[type[Record], ...] = (
    Account,
    NameDictionary,
    DeletedAccount,
    ApiKey,
    QuotaUsage,
    IdempotentRequest,
    JobRecord,
)
