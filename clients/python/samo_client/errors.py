"""Exceptions, all derived from SamoError.

```
SamoError               code, status, detail, request_id
├── InvalidRequest      4xx: the request is invalid
│   ├── Unauthenticated 401: missing or invalid token
│   ├── Forbidden       403: missing scope or consent
│   ├── NotFound        404
│   ├── Conflict        409
│   └── RateLimited     429: quota exceeded; see retry_after
├── ServerError         5xx
│   └── Unavailable     503: temporarily unavailable; see retry_after
└── Unreachable         no response, or an incomplete one
```
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from samo_client.schema import Problem


class SamoError(Exception):
    """Base class of this package's exceptions.

    Attributes:
        code: stable, machine-readable identifier, such as `entry_not_found`.
        status: HTTP status; 0 if there was no response.
        request_id: identifies the request in the server's logs.
        retry_after: seconds to wait before retrying, if the server sent them.
    """

    def __init__(
        self,
        detail: str,
        *,
        code: str,
        status: int = 0,
        request_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.detail = detail
        self.code = code
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after


class InvalidRequest(SamoError):
    """4xx."""


class Unauthenticated(InvalidRequest):
    """401."""


class Forbidden(InvalidRequest):
    """403."""


class NotFound(InvalidRequest):
    """404."""


class Conflict(InvalidRequest):
    """409."""


class RateLimited(InvalidRequest):
    """429."""


class ServerError(SamoError):
    """5xx."""


class Unavailable(ServerError):
    """503."""


class Unreachable(SamoError):
    """The server could not be reached, or its response was incomplete."""


_BY_STATUS = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    429: RateLimited,
    503: Unavailable,
}


def error_from_response(status: int, headers: Mapping[str, str], body: bytes) -> SamoError:
    """The exception for a 4xx or 5xx response: problem details, or whatever a proxy sent."""
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = Problem(title="", status=status, code=f"http_{status}")
    return _kind(status)(
        problem.detail or problem.title,
        code=problem.code,
        status=status,
        request_id=problem.request_id or headers.get("x-request-id", ""),
        retry_after=_seconds(headers.get("retry-after")),
    )


def error_from_close(status: int, code: str, detail: str) -> SamoError:
    """The exception for a WebSocket close code."""
    return _kind(status)(detail, code=code, status=status)


def unreachable(cause: Exception) -> Unreachable:
    """Wraps a transport failure."""
    return Unreachable(str(cause) or type(cause).__name__, code="unreachable")


def _kind(status: int) -> type[SamoError]:
    return _BY_STATUS.get(status, ServerError if status >= 500 else InvalidRequest)


def _seconds(retry_after: str | None) -> float | None:
    """Parses Retry-After, which is seconds or a date: RFC 9110, section 10.2.3."""
    if retry_after is None:
        return None
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds())
