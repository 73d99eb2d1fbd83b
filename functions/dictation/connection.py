"""One WebSocket connection of a dictation, from `start` to `ended`."""

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

_START_TIMEOUT_S = 10.0
_CLOSE_TIMEOUT_S = 5.0

AuthorizeDictation = Callable[[str | None], Caller]
"""Returns the owner of a token, who may write entries; raises SamoError."""


class DictationConnection:
    """Receives one connection's audio and control messages, and reports what was recognized."""

    def __init__(
        self,
        socket: WebSocket,
        registry: DictationRegistry,
        authorize: AuthorizeDictation,
        limits: Limits,
    ) -> None:
        self._socket = socket
        self._registry = registry
        self._authorize = authorize
        self._limits = limits

    async def run(self) -> None:
        """Serve from `start` to `ended`. Raises SamoError, or WebSocketDisconnect if the client is gone."""
        start = await self._receive_start()
        pcm = PcmDecoder(start.format)
        caller = await run_in_threadpool(self._authorize, start.token)
        session = await self._registry.begin_or_resume(start, caller)
        async with session.attach(start.token) as number:
            await self._send(session.ready())
            await _until_first(
                self._receive(session, pcm),
                self._report(session, start.after),
                session.wait_until_replaced(number),
            )

    async def _receive_start(self) -> Start:
        message = await self._next_message(min(self._limits.idle_s, _START_TIMEOUT_S))
        control = message if isinstance(message, bytes) else protocol.parse(message)
        if not isinstance(control, Start):
            raise InvalidRequest("the first message must be a start message", code="start_expected")
        return control

    async def _receive(self, session: DictationSession, pcm: PcmDecoder) -> None:
        audio = session.audio
        try:
            while True:
                message = await self._next_message(None if audio.has_ended else self._limits.idle_s)
                if isinstance(message, str):
                    await self._control(session, pcm, protocol.parse(message))
                elif not audio.has_ended:
                    await audio.wait_for_space()
                    audio.add(pcm.decode(message))
        finally:
            audio.add(pcm.flush())

    async def _control(
        self, session: DictationSession, pcm: PcmDecoder, control: protocol.ControlMessage
    ) -> None:
        match control:
            case Start():
                raise InvalidRequest("the dictation has already started", code="unexpected_frame")
            case Renew():
                caller = await run_in_threadpool(self._authorize, control.token)
                if caller.uid != session.metadata.uid:
                    raise Forbidden("the token belongs to another user", code="another_user")
                session.delivery.renew_token(control.token)
            case Stop():
                session.audio.add(pcm.flush())
                session.audio.end("stopped")
            case Discard():
                session.audio.end("discarded")

    async def _report(self, session: DictationSession, after: int) -> None:
        async with aclosing(session.follow(after)) as messages:
            async for message in messages:
                await self._send(message)
        if isinstance(message, Ended) and message.reason == "dictation_too_long":
            minutes = self._limits.dictation_s / 60
            raise PayloadTooLarge(
                f"a dictation may last at most {minutes:g} minutes", code="dictation_too_long"
            )

    async def _next_message(self, timeout_s: float | None) -> str | bytes:
        try:
            async with asyncio.timeout(timeout_s):
                message = await self._socket.receive()
        except TimeoutError:
            raise IdleTimeout(f"no message for {timeout_s:g} seconds") from None
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"])
        data: str | bytes = message["text"] if message.get("text") is not None else message["bytes"]
        return data

    async def _send(self, message: ServerMessage) -> None:
        await self._socket.send_text(msgspec.json.encode(message).decode())


async def run_and_close(socket: WebSocket, conversation: Coroutine[None, None, None]) -> None:
    """Run a conversation, then close the connection with a code and reason for how it ended."""
    try:
        await conversation
    except WebSocketDisconnect:
        return
    except SamoError as raised:
        error = raised
    except Exception:
        logs.failure("unexpected error in a dictation's connection")
        error = SamoError("an unexpected error occurred")
    else:
        await _attempt(socket.close())
        return
    logs.event("dictation refused", code=error.code)
    message = protocol.Error(code=error.code, message=error.detail)
    await _attempt(socket.send_text(msgspec.json.encode(message).decode()))
    await _attempt(socket.close(protocol.close_code(error), error.code))


async def _attempt(send: Coroutine[None, None, None]) -> None:
    """Send a last message, without waiting long for a client that does not read."""
    with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
        async with asyncio.timeout(_CLOSE_TIMEOUT_S):
            await send


async def _until_first(*coroutines: Coroutine[None, None, None]) -> None:
    """Run coroutines until one ends or fails, then cancel the others."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
