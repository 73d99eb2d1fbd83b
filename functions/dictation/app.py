"""The ASGI application: the WebSocket `GET /v1/dictation` (see `protocol`) and `GET /health`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from functions.dictation.connection import AuthorizeDictation, DictationConnection, run_and_close
from functions.dictation.protocol import Limits
from functions.dictation.registry import DictationRegistry
from functions.shared.observability import tracing

PATH = "/v1/dictation"
_MAX_FRAME_BYTES = 512 * 1024
"""More than `PcmDecoder` accepts in one frame; a larger frame closes the connection with code 1009."""
_SHUTDOWN_TIMEOUT_S = 5


def create_app(
    create_registry: Callable[[], DictationRegistry], authorize: AuthorizeDictation, limits: Limits
) -> Starlette:
    """The application. `create_registry` is called once the event loop runs."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        registry = app.state.registry = create_registry()
        registry.recover()
        yield
        await registry.close()

    async def dictate(socket: WebSocket) -> None:
        tracing.begin(socket.headers.get("traceparent"), socket.headers.get("x-cloud-trace-context"))
        await socket.accept()
        connection = DictationConnection(socket, app.state.registry, authorize, limits)
        await run_and_close(socket, connection.run())

    async def health(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    app = Starlette(routes=[WebSocketRoute(PATH, dictate), Route("/health", health)], lifespan=lifespan)
    return app


def uvicorn_config(app: ASGIApp, **address: Any) -> uvicorn.Config:
    """How uvicorn serves dictation, on a laptop and in the cloud. `address`: host and port.

    Requests are not logged by uvicorn: `shared.observability.logs` records what happens.
    """
    return uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="websockets-sansio",
        ws_max_size=_MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_SHUTDOWN_TIMEOUT_S,
        **address,
    )
