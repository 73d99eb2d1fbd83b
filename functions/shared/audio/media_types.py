"""Media types of recordings."""

from __future__ import annotations

MEDIA_TYPES = {
    "wav": "audio/wav",
    "aiff": "audio/aiff",
    "caf": "audio/x-caf",
    "mp3": "audio/mpeg",
    "aac": "audio/aac",
    "amr": "audio/amr",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "webm": "audio/webm",
    "mp4": "audio/mp4",
}
"""The media type of each format that can be decoded, whatever type its sender stated."""
