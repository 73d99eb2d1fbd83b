"""Asynchronous client: entry point to all operations."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sequence
from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import Literal, Self, overload

import msgspec

from samo_client._async.account import Account, Keys, Names
from samo_client._async.admin import Admin
from samo_client._async.corrections import Corrections
from samo_client._async.dictation import Dictation
from samo_client._async.entries import Entries
from samo_client._async.jobs import Exports, Jobs
from samo_client._async.transport import Transport, blocks
from samo_client._async.uploads import Uploads
from samo_client.authentication import AsyncToken
from samo_client.live.events import Event
from samo_client.parameters import without_none
from samo_client.recordings import Source, open_recording
from samo_client.retries import Retries
from samo_client.schema import (
    BatchResponse,
    JobView,
    PredictResponse,
    SearchResults,
    Segment,
    Style,
    SummarizeResponse,
    TranscribeResponse,
)

TRANSCRIBE_TIMEOUT_S = 600.0
"""Time-out of a synchronous transcription."""


class AsyncSamo:
    """A client of one SAMO server; close it, or use it as a context manager.

    Every method raises SamoError if the server reports an error or stays unreachable after all retries.

    Args:
        address: such as https://journal.example.org.
        token: an ID token or an API key, or a callable that returns one, called before every request;
            None: a server without accounts.
        retries: number of attempts and the pauses between them.
        timeout_s: time-out of a request.
    """

    def __init__(
        self,
        address: str = "http://127.0.0.1:8080",
        token: AsyncToken = None,
        *,
        retries: Retries | None = None,
        timeout_s: float = 60,
    ) -> None:
        self._transport = transport = Transport(address, token, retries or Retries(), timeout_s)
        self.uploads = Uploads(transport)
        self.entries = Entries(transport, self.uploads)
        self.corrections = Corrections(transport)
        self.account = Account(transport)
        self.names = Names(transport)
        self.keys = Keys(transport)
        self.jobs = Jobs(transport)
        self.exports = Exports(transport, self.jobs)
        self.dictation = Dictation(transport)
        self.admin = Admin(transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._transport.http.aclose()

    async def search(
        self,
        q: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        emotion: str | None = None,
        feeling: str | None = None,
        topic: str | None = None,
        limit: int | None = None,
    ) -> SearchResults:
        """Searches entries by meaning, best match first; for the filters see `entries.list`."""
        filters = {"from": since, "to": until, "emotion": emotion, "feeling": feeling, "topic": topic}
        return await self._transport.request(
            SearchResults, "search", parameters={"q": q, **filters, "limit": limit}
        )

    async def predict(self, text: str) -> PredictResponse:
        """Detects the emotions, feelings and topics of a text."""
        return await self._transport.request(PredictResponse, "predict", body={"text": text})

    async def predict_batch(self, texts: Sequence[str]) -> BatchResponse:
        """Detects the emotions, feelings and topics of several texts, in order."""
        return await self._transport.request(BatchResponse, "predict_batch", body={"texts": texts})

    async def summarize(
        self,
        text: str | None = None,
        *,
        segments: Sequence[Segment] | None = None,
        max_sentences: int | None = None,
        style: Style | Literal["abstract", "extract"] | None = None,
    ) -> SummarizeResponse:
        """Summarizes a text or its segments: `extract` picks sentences, `abstract` writes new ones."""
        body = without_none(text=text, segments=segments, max_sentences=max_sentences, style=style)
        return await self._transport.request(SummarizeResponse, "summarize", body=body)

    @overload
    async def transcribe(
        self, audio: Source, *, format: Literal["json"] = "json", content_type: str | None = None
    ) -> TranscribeResponse: ...

    @overload
    async def transcribe(
        self, audio: Source, *, format: Literal["srt", "txt", "vtt"], content_type: str | None = None
    ) -> str: ...

    async def transcribe(
        self,
        audio: Source,
        *,
        format: str = "json",  # noqa: A002
        content_type: str | None = None,
    ) -> TranscribeResponse | str:
        """Transcribes a recording without creating an entry."""
        with open_recording(audio, content_type) as recording:
            response = await self._transport.call(
                "transcribe",
                parameters={"format": format},
                content=lambda: blocks(recording, 0, recording.size, None),
                headers={"Content-Type": recording.media_type, "Content-Length": str(recording.size)},
                timeout_s=TRANSCRIBE_TIMEOUT_S,
            )
        return (
            msgspec.json.decode(response.content, type=TranscribeResponse)
            if format == "json"
            else response.text
        )

    async def transcribe_batch(self, files: Iterable[Source]) -> JobView:
        """Starts a job that transcribes several recordings; see `jobs.wait` and `jobs.result`."""
        with ExitStack() as stack:
            recordings = [stack.enter_context(open_recording(file)) for file in files]
            parts = [
                ("audio", (recording.name, recording.rewound(), recording.media_type))
                for recording in recordings
            ]
            return await self._transport.request(JobView, "transcribe_batch", files=parts)

    def dictate(
        self, audio: AsyncIterable[bytes], *, rate: int, channels: int = 1, timezone: str | None = None
    ) -> AsyncGenerator[Event, None]:
        """Dictates live: yields sentences and their emotions while audio is sent, and the entry at the end.

        A lost connection is re-established without losing or repeating anything. If the iterator is closed
        early, the audio sent until then becomes an entry two minutes later.

        Args:
            audio: signed 16-bit little-endian samples, in chunks of any length; 100 ms is a good one.
            rate: 8000, 16000, 22050, 24000, 32000, 44100 or 48000.
            channels: 1 or 2.
            timezone: IANA name, stored with the entry.

        Raises:
            ModuleNotFoundError: install samo-client[dictation].
        """
        return self.dictation.dictate(audio, rate=rate, channels=channels, timezone=timezone)
