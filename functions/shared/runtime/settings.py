"""Settings, read from the environment (`SAMO_…`) into one typed struct with documented defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from functions.shared.errors import ConfigurationError

Positive = Annotated[int, Meta(gt=0)]


AudioRetention = Literal["until_transcribed", "days", "kept"]


class Style(StrEnum):
    """How a summary is made."""

    EXTRACT = "extract"
    """Of the entry's own sentences."""
    ABSTRACT = "abstract"
    """In new words."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting: `SAMO_` and the field's name in capitals."""

    backend: Literal["local", "gcp"] = "local"
    """What stands behind the ports: this machine's disk, or Firestore, Cloud Storage and Pub/Sub."""
    data_dir: str = ""
    """Where the local backend keeps the journal; empty: the platform's own place for user data."""
    models_dir: str = ""
    """Where the model artifacts lie; empty: `models/` beside the code."""

    project: str = ""
    """gcp: the Google Cloud project."""
    database: str = "(default)"
    """gcp: the Firestore database."""
    access_database: str = "(default)"
    """gcp: the Firestore database of keys and quotas, which services without a journal reach as well."""
    bucket: str = ""
    """gcp: the Cloud Storage bucket of the recordings."""

    auth_issuer: str = ""
    """gcp: who issues the clients' ID tokens, such as https://securetoken.google.com/PROJECT."""
    auth_audience: str = ""
    """gcp: whom those tokens are for; with Firebase, the project's id."""
    auth_keys: str = ""
    """gcp: where the issuer's public keys (JWKS) are; empty: where its discovery document says."""
    auth_admin_claim: str = "samo_admin"
    """The claim that makes a token's user an operator where it is true."""
    auth_revocation: Literal["", "identity-platform", "none"] = ""
    """Where tokens are looked up before what cannot be undone; empty: with Identity Platform if it issues
    them, and nowhere else."""
    auth_web_api_key: str = ""
    """Identity Platform's key for web pages: with it the page signs people in, in the cloud too."""
    push_account: str = ""
    """gcp: the e-mail of the service account as which Pub/Sub and Cloud Scheduler call event services."""
    push_audience: str = ""
    """gcp: whom those calls' tokens are for: one value a service."""
    push_issuer: str = "https://accounts.google.com"
    """gcp: who signs those tokens."""
    push_keys: str = ""
    """gcp: where that issuer's public keys (JWKS) are; empty: where its discovery document says."""
    push_signature: Literal["verify", "checked-by-cloud-run"] = "verify"
    """gcp: who checks the signature of those tokens. Where Cloud Run's own check is on, it replaces the
    signature, so the service can check only what the token says."""
    webhooks: str = ""
    """gcp: JSON, name → {"url", "secret"}: whom to tell of every summarized entry."""

    transcription_engine: Literal["moonshine", "whisper"] = "moonshine"
    whisper_model: str = ""
    """A folder with a faster-whisper model, or the name of one in the manifest."""
    transcription_threads: Positive = 2
    """Phrases transcribed side by side."""
    threads: Positive = 1
    """Threads of one session of the text encoder."""

    dictation_minutes: Positive = 30
    """The longest live dictation."""
    dictation_sessions: Positive = 4
    """Live dictations of one process at a time."""
    dictation_url: str = ""
    """gcp: where clients dictate, such as wss://dictation.example.org/v1/dictation; empty: nowhere."""
    journal_url: str = ""
    """gcp: the journal's API, where dictations become entries."""

    summary_style: Style = Style.EXTRACT
    """How an entry's summary is made: of its own sentences, or in new words."""
    summary_model: str = "samo-small"
    """The artifact that writes in new words, where it is installed."""

    max_text_chars: Positive = 20_000
    max_batch: Positive = 64
    max_body_bytes: Positive = 25 * 1024 * 1024
    max_audio_minutes: Positive = 60
    max_upload_bytes: Positive = 200 * 1024 * 1024
    """A recording sent through an upload session."""

    cors_origins: str = ""
    """Origins whose pages may call, such as https://journal.example.org, with commas between them."""
    max_pending_uploads: Positive = 20
    """Recordings of one user that may be waited for at once."""
    quota_requests_per_minute: Positive = 600
    """Calls of one user, whoever makes them."""
    quota_key_requests_per_minute: Positive = 300
    """Calls with one key."""
    quota_entries_per_hour: Positive = 120
    """New entries of one user, and recordings transcribed at once."""
    quota_audio_mib_per_day: Positive = 1024
    """Recordings of one user."""

    consent_version: str = ""
    """The terms a user must have agreed to before an entry is made; empty: none."""

    audio_retention: AudioRetention = "days"
    audio_retention_days: Positive = 7

    lease_s: Positive = 570
    """How long a claimed stage belongs to its worker; longer than any request may run."""
    work_budget_s: Annotated[int, Meta(ge=0)] = 0
    """How long one run of a stage may take before its attempt ends; 0: as long as it needs."""
    ring_again_s: Positive = 900
    """After how long without news of the next stage the reconciler rings again."""
    max_claims: Positive = 5
    """The claim without an outcome at which a stage is given up as crashed."""

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.lease_s)

    @property
    def ring_again(self) -> timedelta:
        return timedelta(seconds=self.ring_again_s)

    @property
    def max_audio_s(self) -> float:
        return self.max_audio_minutes * 60.0

    @property
    def models_path(self) -> Path:
        return Path(self.models_dir) if self.models_dir else Path(__file__).parents[3] / "models"

    @property
    def data_path(self) -> Path:
        if self.data_dir:
            return Path(self.data_dir)
        from platformdirs import user_data_path

        return user_data_path("samo", appauthor=False)


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process.

    Raises:
        ConfigurationError: a name is unknown, or a value has the wrong type; names the variable.
    """
    values = {name[5:].lower(): value for name, value in environ.items() if name.startswith("SAMO_")}
    if unknown := sorted(set(values) - set(Settings.__struct_fields__)):
        raise ConfigurationError(f"environment: no setting is called SAMO_{unknown[0].upper()}")
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"environment: {error}") from error
