"""Requests and responses of the journal's API, for tests with Flask's test client."""

from __future__ import annotations

import io
import wave
from typing import Any

import httpx
from flask.testing import FlaskClient


def wav(seconds: float = 1.0, *, rate: int = 16000, sample: bytes = b"\x00\x00") -> bytes:
    """A WAV recording that repeats one sample."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(sample * int(rate * seconds))
    return file.getvalue()


def form(*recordings: tuple[str, bytes], **fields: str) -> dict[str, Any]:
    """A multipart form, as a browser sends it."""
    parts = [("audio", recording) for recording in recordings]
    request = httpx.Request("POST", "http://x/", files=parts, data=fields)
    return {"data": request.read(), "content_type": request.headers["Content-Type"]}


def create(client: FlaskClient, text: str, **fields: str) -> dict[str, Any]:
    """Creates an entry from text."""
    response = client.post("/v1/entries", json={"text": text, **fields})
    assert response.status_code == 201, response.text
    return dict(response.json or {})


def problem(response: Any) -> tuple[int, str]:
    """The status and code of a response, checked to be a complete problem document."""
    assert response.mimetype == "application/problem+json", response.text
    assert "Traceback" not in response.text
    assert response.json["status"] == response.status_code
    return response.status_code, response.json["code"]
