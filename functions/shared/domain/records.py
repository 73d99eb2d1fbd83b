"""What SAMO keeps beside entries: accounts, keys, allowances, and work that takes longer than a request.

Plain frozen structs, one document each. `collection` and `nested` say where a kind lives: below its owner
(`users/{uid}/jobs/{id}`) or at the top (`keys/{id}`).
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
        owner: the user it belongs to; empty for nobody's.
        wake_at: when the reconciler must look at it.
        expires_at: from when on it counts as gone; the store removes it some time after.
    """

    collection: ClassVar[str]
    nested: ClassVar[bool] = True
    door: ClassVar[bool] = False
    """Whether every public service needs it, also those that must not reach the journals."""

    record_id: str
    owner: str = ""
    wake_at: datetime | None = None
    expires_at: datetime | None = None


R = TypeVar("R", bound=Record)


class Address(msgspec.Struct, Generic[R], frozen=True):
    """Where a record lives; kinds at the top need no owner to be found."""

    kind: type[R]
    record_id: str
    owner: str = ""

    @property
    def scope(self) -> str:
        """Within what its id is unique."""
        return self.owner if self.kind.nested else ""


def address_of(record: R) -> Address[R]:
    return Address(type(record), record.record_id, record.owner)


class Account(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What a user has agreed to and asked for; where there is none, the deployment's defaults hold.

    Attributes:
        consent_version: of the terms the user has agreed to.
        language: BCP 47, as the user's clients should speak.
        audio_retention: how long recordings are kept, with `audio_retention_days` where it is `days`.
        retention_days: after how many days entries are deleted; None keeps them.
    """

    collection = "users"
    nested = False

    created_at: datetime
    updated_at: datetime
    consent_version: str | None = None
    consented_at: datetime | None = None
    timezone: str | None = None
    language: str | None = None
    audio_retention: AudioRetention | None = None
    audio_retention_days: int | None = None
    retention_days: int | None = None


class DeletedAccount(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A deleted account's tombstone: its id is a hash of the user's. It has no owner, so as to outlive them.

    Attributes:
        uid: whose it is, until everything of theirs is gone; then it is empty.
    """

    collection = "departed"
    nested = False

    uid: str = ""
    deleted_at: datetime


class Scope(StrEnum):
    """What a caller may do."""

    READ = "entries:read"
    WRITE = "entries:write"
    DELETE = "entries:delete"
    EXPORT = "entries:export"
    ANALYZE = "analyze"
    ACCOUNT = "account"
    ADMIN = "admin"


class ApiKey(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A server's way in, as its owner, within its scopes. Of the secret only hashes are kept.

    Attributes:
        digest: SHA-256 of the secret, in hex.
        former: that of the secret before the last rotation, good until `former_until`.
        last_used_at: to within some minutes.
    """

    collection = "keys"
    nested = False
    door = True

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
    door = True

    began_at: datetime
    taken: int
    taken_exactly: int | None = None


class IdempotentRequest(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A request that came with an idempotency key: what it was, and the entry it made."""

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
    """Work that takes longer than a request; `done` of `total` parts."""

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
    """Why it failed."""
    detail: Mapping[str, str] = {}
    """What its kind needs to know; never journal text."""


KINDS: tuple[type[Record], ...] = (Account, DeletedAccount, ApiKey, QuotaUsage, IdempotentRequest, JobRecord)
