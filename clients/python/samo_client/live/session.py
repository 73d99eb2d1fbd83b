"""A dictation, over as many connections as it takes. Needs websockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable
from contextlib import suppress

from samo_client.authentication import AsyncToken, current
from samo_client.errors import InvalidRequest, SamoError, unreachable
from samo_client.live.events import (
    Credit,
    Ended,
    Event,
    Final,
    Format,
    Partial,
    Ready,
    Renew,
    Start,
    Stop,
    Unheard,
)
from samo_client.live.outbox import Outbox
from samo_client.live.reconnection import ReconnectionPolicy
from samo_client.live.sockets import Socket, connected
from samo_client.live.tasks import run_until_first, then_wait
from samo_client.live.tokens import seconds_until_renewal
from samo_client.retries import Retries

Emit = Callable[[Event], object]


class Session:
    """One dictation.

    Args:
        emit: called with every event.
    """

    def __init__(
        self,
        url: str,
        token: AsyncToken,
        retries: Retries,
        timeout_s: float,
        audio_format: Format,
        timezone: str | None,
        emit: Emit,
    ) -> None:
        self._url = url
        self._token = token
        self._timeout_s = timeout_s
        self._format = audio_format
        self._timezone = timezone
        self._emit = emit
        self._outbox = Outbox(audio_format)
        self._reconnection = ReconnectionPolicy(retries, renewable=callable(token))
        self._dictation_id: str | None = None
        self._after = 0

    async def run(self, audio: AsyncIterable[bytes]) -> None:
        """Runs the dictation to its end. Raises SamoError, and whatever `audio` raises."""
        await run_until_first(self._run_connections(), then_wait(self._outbox.fill(audio)))
        if self._outbox.overflows:
            raise InvalidRequest(
                "the dictation ended before the audio did", code="dictation_too_long", status=413
            )

    async def _run_connections(self) -> None:
        while True:
            try:
                return await self._run_connection()
            except SamoError as error:
                pause = self._reconnection.pause(error)
                if pause is None:
                    raise
                if error.code == "idle_timeout":
                    await self._outbox.unsent()
            await asyncio.sleep(pause)

    async def _run_connection(self) -> None:
        """Runs one connection until the server sends `ended`."""
        token = await current(self._token)
        async with connected(self._url, self._timeout_s) as socket:
            self._begin(await self._handshake(socket, token))
            await run_until_first(
                self._receive(socket), then_wait(self._send(socket)), then_wait(self._renew(socket, token))
            )

    async def _handshake(self, socket: Socket, token: str | None) -> Ready:
        start = Start(
            format=self._format,
            token=token,
            dictation_id=self._dictation_id,
            after=self._after,
            timezone=self._timezone,
        )
        try:
            async with asyncio.timeout(self._timeout_s):
                await socket.send_message(start)
                while not isinstance(ready := await socket.receive(), Ready):
                    pass
        except TimeoutError as error:
            raise unreachable(error) from error
        return ready

    def _begin(self, ready: Ready) -> None:
        self._dictation_id = ready.dictation_id
        self._reconnection.ready(ready.limits.resume_s)
        self._outbox.begin(ready)

    async def _receive(self, socket: Socket) -> None:
        while True:
            match await socket.receive():
                case Credit(until_s=until_s):
                    self._reconnection.relax()
                    self._outbox.credit(until_s)
                case (Final() | Unheard()) as result if result.index >= self._after:
                    self._reconnection.relax()
                    self._after = result.index + 1
                    self._emit(result)
                case Partial() as partial:
                    self._emit(partial)
                case Ended() as ended:
                    self._emit(ended)
                    return
                case _:
                    pass

    async def _send(self, socket: Socket) -> None:
        with suppress(SamoError):  # _receive raises the reason
            while (audio := await self._outbox.next()) is not None:
                await socket.send_audio(audio)
            await socket.send_message(Stop())

    async def _renew(self, socket: Socket, token: str | None) -> None:
        while callable(self._token) and token is not None:
            await asyncio.sleep(seconds_until_renewal(token))
            with suppress(Exception):  # the next connection asks again and raises the reason
                fresh = await current(self._token)
                if fresh is not None and fresh != token:
                    await socket.send_message(Renew(token=fresh))
                    token = fresh
