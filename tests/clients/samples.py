"""Responses for scripted servers, and recordings."""

from __future__ import annotations

import io
import wave
from typing import Any

NOW = "2026-03-01T12:00:00Z"


def entry(status: str = "ready", **changes: Any) -> dict[str, Any]:
    """An entry as the API returns it."""
    labels: dict[str, Any] = {"emotions": [], "feelings": [], "topics": [], "sentiment": None}
    return {
        "id": "e1",
        "source": "text",
        "status": status,
        "revision": 1,
        "created_at": NOW,
        "recorded_at": NOW,
        "updated_at": NOW,
        "timezone": None,
        "language": None,
        "audio": None,
        "stages": [],
        "insight": {**labels, "summary": None, "empty_reason": None},
        "feedback": [],
        **changes,
    }


def wav(seconds: float = 1.0) -> bytes:
    """A silent recording."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(16000)
        writer.writeframes(b"\x00\x00" * int(16000 * seconds))
    return file.getvalue()
