"""Terraform and the code mean the same by every name they share."""

from __future__ import annotations

import re

import pytest

from functions.shared.gcp import names
from functions.shared.settings import Settings
from tests.terraform.calls import CODE

EVERYTHING = {path: path.read_text() for path in CODE.rglob("*.tf")}


def quoted(pattern: str, text: str) -> set[str]:
    return set(re.findall(f'"({pattern})"', text))


def test_every_setting_is_one_that_the_code_knows() -> None:
    named = {name for text in EVERYTHING.values() for name in re.findall(r"\bSAMO_([A-Z_]+)\b", text)}
    assert len(named) > 10
    assert {name.lower() for name in named} <= set(Settings.__struct_fields__)


def test_every_topic_and_subscription_is_called_as_in_the_code() -> None:
    pipeline = EVERYTHING[CODE / "modules/pipeline/main.tf"]
    topics = set(names.TOPIC_OF.values()) | {names.AUDIO_TOPIC, names.DEAD_LETTER_TOPIC}
    assert quoted(r"entries\.[a-z-]+|audio\.[a-z]+|dead-letters", pipeline) == topics
    assert quoted("dead-letters-inspection", pipeline) == {names.INSPECTION}


def test_the_lease_and_retention_default_to_what_the_code_says() -> None:
    variables = EVERYTHING[CODE / "modules/samo/variables.tf"]
    assert re.search(rf"lease_s\s+= optional\(number, {Settings().lease_s}\)", variables)
    assert re.search(rf"retention_days = optional\(number, {Settings().audio_retention_days}\)", variables)


@pytest.mark.parametrize("member", ["allUsers", "allAuthenticatedUsers"])
def test_nothing_is_given_to_everybody(member: str) -> None:
    assert not [path for path, text in EVERYTHING.items() if member in text]


def test_no_service_has_a_basic_role() -> None:
    assert not [
        path for path, text in EVERYTHING.items() if re.search(r'"roles/(owner|editor|viewer)"', text)
    ]


def test_state_and_signing_key_cannot_be_destroyed() -> None:
    protected = [
        re.search(pattern + r" \{(?:\n  .*|\n)*?\n    prevent_destroy = true", text)
        for pattern, text in (
            (r'resource "google_storage_bucket" "state"', EVERYTHING[CODE / "bootstrap/main.tf"]),
            (
                r'resource "google_kms_crypto_key" "attestation"',
                EVERYTHING[CODE / "bootstrap/attestation.tf"],
            ),
        )
    ]
    assert all(protected)
