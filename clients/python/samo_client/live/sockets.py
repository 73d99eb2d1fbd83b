"""A dictation's WebSocket, whose ways of failing are this package's errors. Needs websockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from samo_client.errors import SamoError, of_answer, of_refusal, unreachable
from samo_client.live.events import Refusal, Said, Told, told

_FAREWELL_S = 2.0
_CLOSED = 4000
"""Plus an HTTP status: how a refusal closes a connection, with its code as the reason."""


class Socket:
    """Everything raises SamoError where the server refuses, or the connection is lost."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def say(self, frame: Said) -> None:
        """A control frame."""
        await self._send(msgspec.json.encode(frame).decode())

    async def send(self, audio: bytes) -> None:
        """A frame of audio."""
        await self._send(audio)

    async def hear(self) -> Told:
        """What the server says next, of what is known here."""
        detail = ""
        while True:
            try:
                said = told(await self._connection.recv())
            except ConnectionClosed as closed:
                raise _refused(closed, detail) from closed
            except msgspec.DecodeError as error:
                raise unreachable(error) from error
            if isinstance(said, Refusal):
                detail = said.message  # the close that follows says the rest
            elif said is not None:
                return said

    async def _send(self, frame: str | bytes) -> None:
        try:
            await self._connection.send(frame)
        except ConnectionClosed as closed:
            raise _refused(closed, "") from closed


@asynccontextmanager
async def connected(url: str, timeout_s: float) -> AsyncIterator[Socket]:
    """An open WebSocket, closed with its context."""
    opening = connect(url, compression=None, open_timeout=timeout_s, close_timeout=_FAREWELL_S)
    try:
        connection = await opening
    except InvalidStatus as refused:
        answer = refused.response
        raise of_answer(answer.status_code, answer.headers, bytes(answer.body or b"")) from refused
    except (OSError, WebSocketException) as error:
        raise unreachable(error) from error
    try:
        yield Socket(connection)
    finally:
        try:
            await connection.close()
        finally:  # cancelled while waiting for the server's close frame: the socket must not stay open
            connection.transport.abort()


def _refused(closed: ConnectionClosed, detail: str) -> SamoError:
    farewell = closed.rcvd
    if farewell is None or not _CLOSED + 400 <= farewell.code < _CLOSED + 600:
        return unreachable(closed)
    return of_refusal(farewell.code - _CLOSED, farewell.reason, detail)
