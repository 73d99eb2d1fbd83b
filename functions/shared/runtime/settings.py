"""Settings, read from environment variables (`SAMO_…`)."""

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
SpeechEngine = Literal["moonshine", "whisper"]


class Style(StrEnum):
    """How a summary is made."""

    EXTRACT = "extract"
    """From the entry's own sentences."""
    ABSTRACT = "abstract"
    """In new words."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings. The variable of each is `SAMO_` and the field's name in capitals."""

    backend: Literal["local", "gcp"] = "local"
    """Where data is stored: this machine's disk, or Firestore, Cloud Storage and Pub/Sub."""
    data_dir: str = ""
    """The folder of the local backend; empty: the platform's folder for user data."""
    models_dir: str = ""
    """The folder of the model artifacts; empty: `models/` beside the code."""

    project: str = ""
    """gcp: the Google Cloud project."""
    database: str = "(default)"
    """gcp: the Firestore database."""
    access_database: str = "(default)"
    """gcp: the Firestore database of API keys and quotas, also for services without access to journals."""
    bucket: str = ""
    """gcp: the Cloud Storage bucket of the recordings."""

    auth_issuer: str = ""
    """gcp: the issuer of the clients' ID tokens, such as https://securetoken.google.com/PROJECT."""
    auth_audience: str = ""
    """gcp: the audience of those tokens; with Firebase, the project ID."""
    auth_keys: str = ""
    """gcp: the URL of the issuer's public keys (JWKS); empty: from its discovery document."""
    auth_admin_claim: str = "samo_admin"
    """The claim that makes a token's user an operator if it is true."""
    auth_revocation: Literal["", "identity-platform", "none"] = ""
    """Where to check that a token is not revoked before irreversible calls; empty: with Identity Platform if
    it issues the tokens, otherwise nowhere."""
    auth_web_api_key: str = ""
    """Identity Platform's key for web pages; with it, the web page lets users sign in."""
    push_account: str = ""
    """gcp: the email of the service account with which Pub/Sub and Cloud Scheduler call event services."""
    push_audience: str = ""
    """gcp: the audience of those calls' tokens, one value per service."""
    push_issuer: str = "https://accounts.google.com"
    """gcp: the issuer of those tokens."""
    push_keys: str = ""
    """gcp: the URL of that issuer's public keys (JWKS); empty: from its discovery document."""
    push_signature: Literal["verify", "checked-by-cloud-run"] = "verify"
    """gcp: who verifies the signature of those tokens. Cloud Run's own check, if it is on, replaces the
    signature, so that the service can check only the claims."""
    webhooks: str = ""
    """gcp: the webhooks called for every summarized entry, as JSON: name → {"url", "secret"}."""

    transcription_engine: SpeechEngine = "moonshine"
    whisper_model: str = ""
    """A folder with a faster-whisper model, or an artifact's name."""
    transcription_threads: Positive = 2
    """Phrases transcribed in parallel."""
    threads: Positive = 1
    """Threads of the text encoder and of the journal reader."""
    entry_model: str = "journal-reader"
    """The artifact that reads whole entries; used if it is installed. Empty: the text encoder reads them
    sentence by sentence, as it reads texts for `/predict`."""

    dictation_minutes: Positive = 30
    """The longest duration of a live dictation."""
    dictation_sessions: Positive = 4
    """Concurrent live dictations per process."""
    dictation_url: str = ""
    """gcp: the URL for live dictation, such as wss://dictation.example.org/v1/dictation; empty: none."""
    journal_url: str = ""
    """gcp: the URL of the journal's API, which creates entries from dictations."""

    summary_style: Style = Style.EXTRACT
    """How summaries are made."""
    summary_model: str = "samo-small"
    """The artifact of the abstractive model; used if it is installed."""

    max_text_chars: Positive = 20_000
    max_batch: Positive = 64
    max_body_bytes: Positive = 25 * 1024 * 1024
    max_audio_minutes: Positive = 60
    max_upload_bytes: Positive = 200 * 1024 * 1024
    """The largest recording that can be sent through an upload session."""

    cors_origins: str = ""
    """Allowed origins, such as https://journal.example.org, separated by commas."""
    max_pending_uploads: Positive = 20
    """Pending uploads per user."""
    quota_requests_per_minute: Positive = 600
    """Calls per user, by any client."""
    quota_key_requests_per_minute: Positive = 300
    """Calls per API key."""
    quota_entries_per_hour: Positive = 120
    """New entries and synchronous transcriptions per user."""
    quota_audio_mib_per_day: Positive = 1024
    """Recordings per user."""

    support: Literal["on", "off"] = "on"
    """Whether entries that sound hopeless or speak of self-harm get a note with help lines."""
    support_lines: str = ""
    """A TOML file with the help lines for that note; empty: `functions/journal/support/help_lines.toml`."""
    consent_version: str = ""
    """The version of the terms that users must accept before creating entries; empty: none."""

    audio_retention: AudioRetention = "days"
    audio_retention_days: Positive = 7

    lease_s: Positive = 570
    """How long a worker's lease on a task lasts; longer than any request may run."""
    work_budget_s: Annotated[int, Meta(ge=0)] = 0
    """How long one run of a stage may take; 0: unlimited."""
    ring_again_s: Positive = 900
    """How long an entry may wait for its next stage before the reconciler publishes its events again."""
    max_claims: Positive = 5
    """The number of claims without an outcome at which a stage fails as crashed."""

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
    """Read the settings of this process.

    Raises:
        ConfigurationError: a name is unknown or a value is invalid; the message names the variable.
    """
    values = {name[5:].lower(): value for name, value in environ.items() if name.startswith("SAMO_")}
    if unknown := sorted(set(values) - set(Settings.__struct_fields__)):
        raise ConfigurationError(f"environment: no setting is called SAMO_{unknown[0].upper()}")
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"environment: {error}") from error
