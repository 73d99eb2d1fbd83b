"""Errors name what is missing on Google Cloud, and what to do about it."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import google.api_core.exceptions
import google.auth.exceptions
import pytest

from functions.shared.backends.connect import connect, dead_letters
from functions.shared.backends.gcp import errors
from functions.shared.backends.gcp.audio_store import CloudStorageAudio
from functions.shared.backends.gcp.dead_letters import PubSubDeadLetters
from functions.shared.backends.gcp.entry_store import FirestoreEntryStore
from functions.shared.backends.gcp.errors import translate, translated
from functions.shared.backends.gcp.event_bus import PubSubEventBus
from functions.shared.domain.entries import EntryKey, Event, EventType
from functions.shared.errors import ConfigurationError, InvalidRequest, TemporaryError
from functions.shared.runtime.settings import Settings
from tests.support.cloud import Cloud

api: Any = google.api_core.exceptions
auth: Any = google.auth.exceptions
"""Their constructors are untyped."""

KEY = EntryKey("ada", "first")
EVENT = Event(type=EventType.TRANSCRIBED, uid="ada", entry_id="first", revision=1)

USES: Mapping[str, Callable[[], object]] = {
    "FIRESTORE_EMULATOR_HOST": lambda: FirestoreEntryStore("samo-test", patience_s=0.3).get(KEY),
    "STORAGE_EMULATOR_HOST": lambda: CloudStorageAudio("samo-test", "samo-audio", patience_s=0.3).find(KEY),
    "PUBSUB_EMULATOR_HOST": lambda: PubSubEventBus("samo-test", patience_s=0.3).publish(EVENT),
}


def pull_dead_letters(project: str = "samo-test", wait_s: float = 0.3) -> object:
    return PubSubDeadLetters(project, PubSubEventBus(project), wait_s=wait_s, patience_s=0.3).pull(1)


@pytest.mark.parametrize("missing", ["project", "bucket"])
@pytest.mark.parametrize("use", [connect, dead_letters])
def test_a_missing_setting_is_named(missing: str, use: Callable[[Settings], object]) -> None:
    given: dict[str, Any] = {"project": "samo-test", "bucket": "samo-audio"}
    del given[missing]

    with pytest.raises(ConfigurationError, match=f"SAMO_{missing.upper()} is not set"):
        use(Settings(backend="gcp", **given))


@pytest.mark.parametrize("variable", USES)
def test_an_unreachable_emulator_is_named(
    variable: str, monkeypatch: pytest.MonkeyPatch, refusing: str
) -> None:
    scheme = "http://" if variable.startswith("STORAGE") else ""
    monkeypatch.setenv(variable, f"{scheme}{refusing}")

    with pytest.raises(TemporaryError, match=f"is the emulator running at {variable}="):
        USES[variable]()


def test_dead_letters_name_an_unreachable_emulator(monkeypatch: pytest.MonkeyPatch, refusing: str) -> None:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", refusing)

    with pytest.raises(TemporaryError, match="is the emulator running"):
        pull_dead_letters()


@pytest.mark.parametrize("use", [*USES.values(), pull_dead_letters])
def test_missing_credentials_name_the_command_that_provides_them(
    use: Callable[[], object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for variable in [*USES, "GOOGLE_APPLICATION_CREDENTIALS"]:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")

    with pytest.raises(ConfigurationError, match="gcloud auth application-default login"):
        use()


@pytest.mark.emulators
def test_a_missing_topic_is_named(cloud: Cloud) -> None:
    with pytest.raises(ConfigurationError, match=r"topic entries\.transcribed of project .* terraform apply"):
        PubSubEventBus(cloud.project).publish(EVENT)


@pytest.mark.emulators
def test_a_missing_subscription_is_named(cloud: Cloud) -> None:
    with pytest.raises(ConfigurationError, match=r"subscription dead-letters-inspection .* terraform apply"):
        pull_dead_letters(cloud.project, wait_s=30.0)  # a busy emulator answers late


@pytest.mark.emulators
@pytest.mark.parametrize(
    "use",
    [
        lambda audio: audio.find(KEY),
        lambda audio: audio.put(KEY, io.BytesIO(b"sound"), "audio/webm"),
        lambda audio: audio.create_upload_session(KEY, size=1, content_type="audio/webm"),
    ],
)
def test_a_missing_bucket_is_not_a_missing_recording(
    cloud: Cloud, use: Callable[[CloudStorageAudio], object]
) -> None:
    with pytest.raises(ConfigurationError, match="bucket samo-nowhere does not exist"):
        use(CloudStorageAudio(cloud.project, "samo-nowhere"))


DATABASE = errors.database("(default)", "samo-test")

EXPLANATIONS = [
    (api.PermissionDenied("no"), ConfigurationError, "permission denied; grant .* roles/datastore.user"),
    (api.Forbidden("no"), ConfigurationError, "permission denied"),
    (api.NotFound("no database"), ConfigurationError, r"\(default\) of project samo-test does not exist"),
    (api.FailedPrecondition("needs an index"), ConfigurationError, "terraform apply"),
    (api.Unauthenticated("no"), ConfigurationError, "credentials were refused"),
    (auth.RefreshError("expired"), ConfigurationError, "credentials were refused"),
    (auth.TransportError("reset", retryable=True), TemporaryError, "is not responding"),
    (api.ResourceExhausted("quota"), TemporaryError, "is not responding"),
    (api.InternalServerError("oops"), TemporaryError, "is not responding"),
    (api.DeadlineExceeded("late"), TemporaryError, "is not responding"),
    (errors.Contended(), TemporaryError, "too many writers"),
    (api.RetryError("gave up", errors.Contended()), TemporaryError, "too many writers"),
]  # fmt: skip


@pytest.mark.parametrize(("raised", "kind", "says"), EXPLANATIONS, ids=lambda error: type(error).__name__)
def test_googles_errors_are_translated(raised: Exception, kind: type, says: str) -> None:
    with pytest.raises(kind, match=says) as raised_error, translated(DATABASE):
        raise raised
    assert raised_error.value.__cause__ is raised


@pytest.mark.parametrize("error", [InvalidRequest("no"), ValueError("a bug"), api.InvalidArgument("a bug")])
def test_other_errors_are_not_translated(error: Exception) -> None:
    assert translate(error, DATABASE) is None
    with pytest.raises(type(error)) as raised, translated(DATABASE):
        raise error
    assert raised.value is error
