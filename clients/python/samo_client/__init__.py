"""Python client for SAMO: `Samo` blocks, `AsyncSamo` is for asyncio; both have the same methods."""

from samo_client._async.client import AsyncSamo
from samo_client._sync.client import Samo
from samo_client.errors import (
    Conflict,
    Forbidden,
    InvalidRequest,
    NotFound,
    RateLimited,
    SamoError,
    ServerError,
    Unauthenticated,
    Unavailable,
    Unreachable,
)
from samo_client.live.events import Ended, Final, Partial, Unheard
from samo_client.retries import Retries

__all__ = [
    "AsyncSamo",
    "Conflict",
    "Ended",
    "Final",
    "Forbidden",
    "InvalidRequest",
    "NotFound",
    "Partial",
    "RateLimited",
    "Retries",
    "Samo",
    "SamoError",
    "ServerError",
    "Unauthenticated",
    "Unavailable",
    "Unheard",
    "Unreachable",
]
