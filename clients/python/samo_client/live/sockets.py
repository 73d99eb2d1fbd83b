"""The dictation's WebSocket; its failures become this package's exceptions. Needs websockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from samo_client.errors import SamoError, error_from_close, error_from_response, unreachable
from samo_client.live.events import ClientMessage, Refusal, ServerMessage, decode_message

_CLOSE_TIMEOUT_S = 2.0
_CLOSE_BASE = 4000
"""A server error closes the connection with this plus an HTTP status, and its code as the reason."""


class Socket:
    """All methods raise SamoError if the server reports an error or the connection is lost."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send_message(self, frame: ClientMessage) -> None:
        """Sends a control frame."""
        await self._send(msgspec.json.encode(frame).decode())

    async def send_audio(self, audio: bytes) -> None:
        """Sends a frame of audio."""
        await self._send(audio)

    async def receive(self) -> ServerMessage:
        """Receives the next message of a known type."""
        detail = ""
        while True:
            try:
                message = decode_message(await self._connection.recv())
            except ConnectionClosed as closed:
                raise _refused(closed, detail) from closed
            except msgspec.DecodeError as error:
                raise unreachable(error) from error
            if isinstance(message, Refusal):
                detail = message.message  # the close that follows carries status and code
            elif message is not None:
                return message

    async def _send(self, frame: str | bytes) -> None:
        try:
            await self._connection.send(frame)
        except ConnectionClosed as closed:
            raise _refused(closed, "") from closed


@asynccontextmanager
async def connected(url: str, timeout_s: float) -> AsyncIterator[Socket]:
    """Opens a WebSocket for the duration of the context."""
    opening = connect(url, compression=None, open_timeout=timeout_s, close_timeout=_CLOSE_TIMEOUT_S)
    try:
        connection = await opening
    except InvalidStatus as error:
        response = error.response
        raise error_from_response(
            response.status_code, response.headers, bytes(response.body or b"")
        ) from error
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
    close = closed.rcvd
    if close is None or not _CLOSE_BASE + 400 <= close.code < _CLOSE_BASE + 600:
        return unreachable(closed)
    return error_from_close(close.code - _CLOSE_BASE, close.reason, detail)
