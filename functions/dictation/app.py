"""The ASGI application: `GET /v1/dictation` is the WebSocket (see `protocol`), `GET /health` answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from functions.dictation.connection import AuthorizeDictation, DictationConnection, answered
from functions.dictation.protocol import Limits
from functions.dictation.registry import DictationRegistry
from functions.shared.observability import tracing

PATH = "/v1/dictation"


def create_app(
    dictations: Callable[[], DictationRegistry], door: AuthorizeDictation, limits: Limits
) -> Starlette:
    """`dictations` is called once the event loop runs."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.dictations = all_of_them = dictations()
        all_of_them.recover()
        yield
        await all_of_them.close()

    async def dictate(socket: WebSocket) -> None:
        tracing.begin(socket.headers.get("traceparent"), socket.headers.get("x-cloud-trace-context"))
        await socket.accept()
        await answered(socket, DictationConnection(socket, app.state.dictations, door, limits).hold())

    async def health(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    app = Starlette(routes=[WebSocketRoute(PATH, dictate), Route("/health", health)], lifespan=lifespan)
    return app
