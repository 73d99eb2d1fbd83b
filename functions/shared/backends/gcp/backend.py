"""The ports on Google Cloud. Clients are imported and connected only when first used."""

from __future__ import annotations

from functions.shared.backends.gcp.audio_store import EXPORTS, CloudStorageAudio
from functions.shared.backends.gcp.dead_letters import PubSubDeadLetters
from functions.shared.backends.gcp.entry_store import FirestoreEntryStore
from functions.shared.backends.gcp.event_bus import PubSubEventBus
from functions.shared.backends.gcp.record_store import FirestoreRecordStore
from functions.shared.errors import ConfigurationError
from functions.shared.ports import Ports
from functions.shared.runtime.settings import Settings


class GoogleBackend:
    """The ports of one project.

    Raises:
        ConfigurationError: a required setting is missing.
    """

    def __init__(self, settings: Settings) -> None:
        _require("SAMO_PROJECT", settings.project, "the Google Cloud project")
        _require("SAMO_BUCKET", settings.bucket, "the Cloud Storage bucket of the recordings")
        bus = PubSubEventBus(settings.project)
        self.ports = Ports(
            FirestoreEntryStore(settings.project, settings.database),
            CloudStorageAudio(settings.project, settings.bucket),
            bus,
            FirestoreRecordStore(settings.project, settings.database, settings.access_database),
            CloudStorageAudio(settings.project, settings.bucket, prefix=EXPORTS),
        )
        self.dead_letters = PubSubDeadLetters(settings.project, bus)


def _require(variable: str, value: str, meaning: str) -> None:
    if not value:
        raise ConfigurationError(
            f"environment: {variable} is not set: {meaning}, as terraform apply prints it"
        )
