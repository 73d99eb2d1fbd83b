"""Asynchronous: one SAMO and everything that can be asked of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sequence
from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import Literal, Self, overload

import msgspec

from samo_client._async.account import Account, Keys
from samo_client._async.admin import Admin
from samo_client._async.dictation import Dictation
from samo_client._async.entries import Entries
from samo_client._async.jobs import Exports, Jobs
from samo_client._async.transport import Transport, blocks
from samo_client._async.uploads import Uploads
from samo_client.authentication import AsyncToken
from samo_client.live.events import Event
from samo_client.parameters import given
from samo_client.recordings import Source, opened
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

WORKING_S = 600.0
"""For how long a recording that is transcribed at once may take."""


class AsyncSamo:
    """A client of one SAMO; close it, or use it as a context.

    Every method raises SamoError where SAMO refuses, or cannot be reached after several attempts.

    Args:
        address: such as https://journal.example.org.
        token: an ID token or an API key, or what is called before every request to give one; None: a
            journal without accounts.
        retries: how often to try again, and after how long.
        timeout_s: for how long to wait for an answer.
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
        self.account = Account(transport)
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
        """Close its connections."""
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
        """The entries that are about something, best first; for the filters see `entries.list`."""
        among = {"from": since, "to": until, "emotion": emotion, "feeling": feeling, "topic": topic}
        return await self._transport.ask(
            SearchResults, "search", parameters={"q": q, **among, "limit": limit}
        )

    async def predict(self, text: str) -> PredictResponse:
        """The emotions, feelings and topics of a text."""
        return await self._transport.ask(PredictResponse, "predict", body={"text": text})

    async def predict_batch(self, texts: Sequence[str]) -> BatchResponse:
        """The emotions, feelings and topics of several texts, in their order."""
        return await self._transport.ask(BatchResponse, "predict_batch", body={"texts": texts})

    async def summarize(
        self,
        text: str | None = None,
        *,
        segments: Sequence[Segment] | None = None,
        max_sentences: int | None = None,
        style: Style | Literal["abstract", "extract"] | None = None,
    ) -> SummarizeResponse:
        """What a text (or segments of one) comes down to, in its own sentences or in new words."""
        body = given(text=text, segments=segments, max_sentences=max_sentences, style=style)
        return await self._transport.ask(SummarizeResponse, "summarize", body=body)

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
        """The words of a recording, which does not become an entry."""
        with opened(audio, content_type) as recording:
            answer = await self._transport.call(
                "transcribe",
                parameters={"format": format},
                content=lambda: blocks(recording, 0, recording.size, None),
                headers={"Content-Type": recording.media_type, "Content-Length": str(recording.size)},
                timeout_s=WORKING_S,
            )
        return (
            msgspec.json.decode(answer.content, type=TranscribeResponse) if format == "json" else answer.text
        )

    async def transcribe_batch(self, files: Iterable[Source]) -> JobView:
        """A job that transcribes several recordings; what came of it: `jobs.wait`, `jobs.result`."""
        with ExitStack() as stack:
            recordings = [stack.enter_context(opened(each)) for each in files]
            parts = [("audio", (each.name, each.rewound(), each.media_type)) for each in recordings]
            return await self._transport.ask(JobView, "transcribe_batch", files=parts)

    def dictate(
        self, audio: AsyncIterable[bytes], *, rate: int, channels: int = 1, timezone: str | None = None
    ) -> AsyncGenerator[Event, None]:
        """Speak: sentences and their emotions while the audio comes, and its entry at the end.

        A connection that breaks is made anew, and nothing is lost or said twice. Whoever closes the events
        early leaves what was said until then; it becomes an entry by itself, two minutes later.

        Args:
            audio: signed 16-bit little-endian samples, in pieces of any length; 100 ms are good.
            rate: 8000, 16000, 22050, 24000, 32000, 44100 or 48000.
            channels: 1 or 2.
            timezone: IANA name, kept with the entry.

        Raises:
            ModuleNotFoundError: install samo-client[dictation].
        """
        return self.dictation.dictate(audio, rate=rate, channels=channels, timezone=timezone)
