"""uvicorn as dictation wants it, on a laptop and in the cloud."""

from __future__ import annotations

from typing import Any

import uvicorn
from starlette.types import ASGIApp

_FRAME_BYTES = 512 * 1024
"""More than any frame may have that `pcm` takes; what is larger closes the connection with 1009."""
_GRACEFUL_S = 5


def config(app: ASGIApp, **where: Any) -> uvicorn.Config:
    """`where`: host and port. Lines about requests are not logged: `shared.logs` says what happens."""
    return uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="websockets-sansio",
        ws_max_size=_FRAME_BYTES,
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACEFUL_S,
        **where,
    )
