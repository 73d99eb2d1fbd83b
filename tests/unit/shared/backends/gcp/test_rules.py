"""Firestore's security rules: clients have no way around the API."""

from __future__ import annotations

import base64
import json
import time

import httpx
import pytest

from functions.shared.backends.gcp.entry_store import FirestoreEntryStore
from functions.shared.domain.changes import Write
from tests.support.cloud import Cloud
from tests.unit.shared.backends.gcp.test_documents import ENTRY

pytestmark = pytest.mark.emulators
UID = ENTRY.uid
PATHS = (
    f"users/{UID}",
    f"users/{UID}/entries/{ENTRY.entry_id}",
    f"users/{UID}/entries/{ENTRY.entry_id}/content/1.Transcript.0.000",
    "keys/0123456789abcdef",
    "departed/somebody",
)


def token(uid: str) -> str:
    """A token like Firebase's; the emulator accepts it unsigned."""
    now = int(time.time())
    claims = {"sub": uid, "user_id": uid, "iat": now, "exp": now + 3600, "auth_time": now}
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts) + "."
    )


@pytest.fixture
def documents(cloud: Cloud) -> httpx.Client:
    cloud.enter()
    host = cloud.environment()["FIRESTORE_EMULATOR_HOST"]
    database = f"projects/{cloud.project}/databases/(default)/documents"
    return httpx.Client(base_url=f"http://{host}/v1/{database}/", timeout=120)


@pytest.mark.parametrize("bearer", [None, token(UID), token("somebody")], ids=["stranger", "owner", "other"])
def test_clients_cannot_access_documents_directly(
    cloud: Cloud, documents: httpx.Client, bearer: str | None
) -> None:
    store = FirestoreEntryStore(cloud.project)
    store.transact(ENTRY.key, lambda _, __: (Write(entry=ENTRY), None))
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    with documents:
        for path in PATHS:
            assert documents.get(path, headers=headers).status_code == 403, path
            written = documents.patch(path, headers=headers, json={"fields": {"a": {"booleanValue": True}}})
            assert written.status_code == 403, path
            assert documents.delete(path, headers=headers).status_code == 403, path
        listed = documents.get(f"users/{UID}/entries", headers=headers)
        assert listed.status_code == 403
        known = documents.get(
            f"users/{UID}/entries/{ENTRY.entry_id}", headers={"Authorization": "Bearer owner"}
        )
        assert known.status_code == 200, "the services' own accounts are let in"
