"""What can go wrong, as one tree.

```
SamoError               code, status, detail, request_id
├── InvalidRequest      4xx: what was asked cannot be had like this
│   ├── Unauthenticated 401: no token, or one that is not good here
│   ├── Forbidden       403: a scope or a consent is lacking
│   ├── NotFound        404
│   ├── Conflict        409
│   └── RateLimited     429: a quota is used up; retry_after
├── ServerError         5xx
│   └── Unavailable     503: not now; retry_after
└── Unreachable         no answer came, or it broke off
```
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from samo_client.schema import Problem


class SamoError(Exception):
    """Base of everything this package raises on its own.

    Attributes:
        code: stable identifier, such as `entry_not_found`; meant for programs.
        status: of the HTTP answer; 0 where there was none.
        request_id: names the request in the server's log.
        retry_after: after how many seconds to try again, if the server said so.
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
    """The server could not be reached, or did not answer to the end."""


_BY_STATUS = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    429: RateLimited,
    503: Unavailable,
}


def of_answer(status: int, headers: Mapping[str, str], body: bytes) -> SamoError:
    """The error that an answer of 4xx or 5xx stands for, be it problem details or a proxy's own page."""
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


def of_refusal(status: int, code: str, detail: str) -> SamoError:
    """The error that a WebSocket was closed with."""
    return _kind(status)(detail, code=code, status=status)


def unreachable(cause: Exception) -> Unreachable:
    """No answer came."""
    return Unreachable(str(cause) or type(cause).__name__, code="unreachable")


def _kind(status: int) -> type[SamoError]:
    return _BY_STATUS.get(status, ServerError if status >= 500 else InvalidRequest)


def _seconds(retry_after: str | None) -> float | None:
    """https://www.rfc-editor.org/rfc/rfc9110#field.retry-after: seconds, or a date."""
    if retry_after is None:
        return None
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds())
