"""One connection of a dictation, from `start` to `ended`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import aclosing, suppress

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from functions.dictation import protocol
from functions.dictation.pcm import PcmDecoder
from functions.dictation.protocol import (
    Discard,
    Ended,
    IdleTimeout,
    Limits,
    Renew,
    ServerMessage,
    Start,
    Stop,
)
from functions.dictation.registry import DictationRegistry
from functions.dictation.session import DictationSession
from functions.shared.access.identity import Caller
from functions.shared.errors import Forbidden, InvalidRequest, PayloadTooLarge, SamoError
from functions.shared.observability import logs

_GREETING_S = 10.0
_FAREWELL_S = 5.0

AuthorizeDictation = Callable[[str | None], Caller]
"""Who holds a token, if they may write entries; raises SamoError."""


class DictationConnection:
    """One connection."""

    def __init__(
        self, socket: WebSocket, dictations: DictationRegistry, door: AuthorizeDictation, limits: Limits
    ) -> None:
        self._socket = socket
        self._dictations = dictations
        self._door = door
        self._limits = limits

    async def run(self) -> None:
        """From `start` to `ended`. Raises SamoError, or WebSocketDisconnect where the client is lost."""
        start = await self._start()
        pcm = PcmDecoder(start.format)
        caller = await run_in_threadpool(self._door, start.token)
        dictation = await self._dictations.take(start, caller)
        async with dictation.attached(start.token) as place:
            await self._tell(dictation.ready())
            await _first(
                self._listen(dictation, pcm), self._report(dictation, start.after), dictation.displaced(place)
            )

    async def _start(self) -> Start:
        message = await self._received(min(self._limits.idle_s, _GREETING_S))
        control = message if isinstance(message, bytes) else protocol.parse(message)
        if not isinstance(control, Start):
            raise InvalidRequest("begin with a start frame", code="start_expected")
        return control

    async def _listen(self, dictation: DictationSession, pcm: PcmDecoder) -> None:
        intake = dictation.intake
        try:
            while True:
                message = await self._received(None if intake.is_ending else self._limits.idle_s)
                if isinstance(message, str):
                    await self._obey(dictation, pcm, protocol.parse(message))
                elif not intake.is_ending:
                    await intake.room()
                    intake.keep(pcm.take(message))
        finally:
            intake.keep(pcm.rest())

    async def _obey(self, dictation: DictationSession, pcm: PcmDecoder, control: protocol.Control) -> None:
        match control:
            case Start():
                raise InvalidRequest("it has begun already", code="unexpected_frame")
            case Renew():
                caller = await run_in_threadpool(self._door, control.token)
                if caller.uid != dictation.metadata.uid:
                    raise Forbidden("the token is another user's", code="another_user")
                dictation.hand_in.renew(control.token)
            case Stop():
                dictation.intake.keep(pcm.rest())
                dictation.intake.stop("stopped")
            case Discard():
                dictation.intake.stop("discarded")

    async def _report(self, dictation: DictationSession, after: int) -> None:
        async with aclosing(dictation.follow(after)) as news:
            async for told in news:
                await self._tell(told)
        if isinstance(told, Ended) and told.reason == "dictation_too_long":
            minutes = self._limits.dictation_s / 60
            raise PayloadTooLarge(f"a dictation ends at {minutes:g} minutes", code="dictation_too_long")

    async def _received(self, patience_s: float | None) -> str | bytes:
        try:
            async with asyncio.timeout(patience_s):
                message = await self._socket.receive()
        except TimeoutError:
            raise IdleTimeout(f"nothing came for {patience_s:g} seconds") from None
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"])
        data: str | bytes = message["text"] if message.get("text") is not None else message["bytes"]
        return data

    async def _tell(self, told: ServerMessage) -> None:
        await self._socket.send_text(msgspec.json.encode(told).decode())


async def run_and_close(socket: WebSocket, conversation: Coroutine[None, None, None]) -> None:
    """Every conversation ends in a close frame that says why."""
    try:
        await conversation
    except WebSocketDisconnect:
        return
    except SamoError as error:
        refused = error
    except Exception:
        logs.failure("unexpected error in a dictation's connection")
        refused = SamoError("an unexpected error")
    else:
        await _within(socket.close())
        return
    logs.event("dictation refused", code=refused.code)
    said = protocol.Error(code=refused.code, message=refused.detail)
    await _within(socket.send_text(msgspec.json.encode(said).decode()))
    await _within(socket.close(protocol.close_code(refused), refused.code))


async def _within(farewell: Coroutine[None, None, None]) -> None:
    """Nobody waits for a client that does not read."""
    with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
        async with asyncio.timeout(_FAREWELL_S):
            await farewell


async def _first(*conversations: Coroutine[None, None, None]) -> None:
    """Until one of them ends or fails; the others are cancelled."""
    tasks = [asyncio.create_task(each) for each in conversations]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
