"""A dictation over as many connections as it takes. Needs websockets."""

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
from samo_client.live.patience import Patience
from samo_client.live.sockets import Socket, connected
from samo_client.live.tasks import first, for_ever
from samo_client.live.tokens import renewed_in_s
from samo_client.retries import Retries

Emit = Callable[[Event], object]


class Session:
    """One dictation.

    Args:
        emit: is told every event.
    """

    def __init__(
        self,
        url: str,
        token: AsyncToken,
        retries: Retries,
        timeout_s: float,
        form: Format,
        timezone: str | None,
        emit: Emit,
    ) -> None:
        self._url = url
        self._token = token
        self._timeout_s = timeout_s
        self._form = form
        self._timezone = timezone
        self._emit = emit
        self._outbox = Outbox(form)
        self._patience = Patience(retries, renewable=callable(token))
        self._dictation_id: str | None = None
        self._after = 0

    async def run(self, audio: AsyncIterable[bytes]) -> None:
        """To its end. Raises SamoError, and what `audio` raises."""
        await first(self._converse(), for_ever(self._outbox.fill(audio)))
        if self._outbox.overflows:
            raise InvalidRequest(
                "the dictation ended before the audio did", code="dictation_too_long", status=413
            )

    async def _converse(self) -> None:
        while True:
            try:
                return await self._connection()
            except SamoError as error:
                pause = self._patience.pause(error)
                if pause is None:
                    raise
                if error.code == "idle_timeout":
                    await self._outbox.unsent()
            await asyncio.sleep(pause)

    async def _connection(self) -> None:
        """One connection, up to `ended`."""
        token = await current(self._token)
        async with connected(self._url, self._timeout_s) as socket:
            self._begin(await self._greeted(socket, token))
            await first(
                self._listen(socket), for_ever(self._send(socket)), for_ever(self._renew(socket, token))
            )

    async def _greeted(self, socket: Socket, token: str | None) -> Ready:
        start = Start(
            format=self._form,
            token=token,
            dictation_id=self._dictation_id,
            after=self._after,
            timezone=self._timezone,
        )
        try:
            async with asyncio.timeout(self._timeout_s):
                await socket.say(start)
                while not isinstance(ready := await socket.hear(), Ready):
                    pass
        except TimeoutError as error:
            raise unreachable(error) from error
        return ready

    def _begin(self, ready: Ready) -> None:
        self._dictation_id = ready.dictation_id
        self._patience.ready(ready.limits.resume_s)
        self._outbox.begin(ready)

    async def _listen(self, socket: Socket) -> None:
        while True:
            match await socket.hear():
                case Credit(until_s=until_s):
                    self._patience.relax()
                    self._outbox.credit(until_s)
                case (Final() | Unheard()) as heard if heard.index >= self._after:
                    self._patience.relax()
                    self._after = heard.index + 1
                    self._emit(heard)
                case Partial() as partial:
                    self._emit(partial)
                case Ended() as ended:
                    self._emit(ended)
                    return
                case _:
                    pass

    async def _send(self, socket: Socket) -> None:
        with suppress(SamoError):  # whoever listens hears why
            while (audio := await self._outbox.next()) is not None:
                await socket.send(audio)
            await socket.say(Stop())

    async def _renew(self, socket: Socket, token: str | None) -> None:
        while callable(self._token) and token is not None:
            await asyncio.sleep(renewed_in_s(token))
            with suppress(Exception):  # the next connection asks again, and says why there is none
                fresh = await current(self._token)
                if fresh is not None and fresh != token:
                    await socket.say(Renew(token=fresh))
                    token = fresh
