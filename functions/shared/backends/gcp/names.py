"""Names of topics, subscriptions and documents on Google Cloud."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from urllib.parse import quote

from functions.shared.domain.entries import EventType

TOPIC_OF: Mapping[EventType, str] = {
    EventType.UPLOADED: "entries.uploaded",
    EventType.CHUNK_PLANNED: "entries.uploaded",
    EventType.CHUNKS_TRANSCRIBED: "entries.uploaded",
    EventType.TRANSCRIBED: "entries.transcribed",
    EventType.EMOTIONS_DETECTED: "entries.emotions-detected",
    EventType.SUMMARIZED: "entries.summarized",
}
AUDIO_TOPIC = "audio.finalized"
"""The bucket's notifications."""
DEAD_LETTER_TOPIC = "dead-letters"
INSPECTION = "dead-letters-inspection"
"""The pull subscription for inspecting dead letters."""

MAX_DOCUMENT_ID = 1500
"""Firestore's limit, bytes of UTF-8."""


def document_id(identifier: str) -> str:
    """Encode an identifier as the ID of a Firestore document; one that is too long is hashed.

    Documents also store their identifiers as fields, so nothing needs to decode it.
    """
    plain = encoded(identifier)
    if len(plain) <= MAX_DOCUMENT_ID:
        return plain
    return "%" + hashlib.sha256(identifier.encode()).hexdigest()


def encoded(identifier: str) -> str:
    """Percent-encode to ASCII without slashes, never `.`, `..`, `__reserved__` or empty."""
    quoted = quote(identifier, safe="")
    if re.fullmatch(r"\.\.?|__.*__", quoted):
        return f"%{ord(quoted[0]):02X}" + quoted[1:]
    return quoted or "%"
