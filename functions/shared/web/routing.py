"""Routes, calls and replies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import flask
import msgspec

from functions.shared.access.authorization import (
    ANY_CALLER,
    Authorization,
    Requirement,
)
from functions.shared.access.identity import Caller

JSON = "application/json"
PROBLEM = "application/problem+json"
ROUTES = "samo.routes"
"""The extension of the Flask application with its routes by endpoint."""

B = TypeVar("B")


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457 problem details. `code` is stable and meant for programs."""

    title: str
    status: int
    code: str
    detail: str = ""
    type: str = "about:blank"
    request_id: str = ""


class ErrorFormat(msgspec.Struct, frozen=True, kw_only=True):
    """How a route states errors.

    Attributes:
        body: struct of the response.
        convert: makes that struct of problem details.
        statuses: the status to send instead of another one.
    """

    body: type
    media_type: str
    convert: Callable[[Problem], Any]
    statuses: Mapping[int, int] = {}

    def status(self, status: int) -> int:
        """The status to send for an error with this status."""
        return self.statuses.get(status, status)


def _unchanged(problem: Problem) -> Problem:
    return problem


PROBLEM_DETAILS = ErrorFormat(body=Problem, media_type=PROBLEM, convert=_unchanged)


class Call(Generic[B]):
    """An authorized request, with its body and query string validated if the route declares them."""

    def __init__(
        self,
        request: flask.Request,
        body: B,
        query: Any,
        path: Mapping[str, str],
        authorization: Authorization,
    ) -> None:
        self.request = request
        self.body = body
        self.query = query
        self.path = path
        self.authorization = authorization

    @property
    def caller(self) -> Caller:
        return self.authorization.caller

    @property
    def uid(self) -> str:
        return self.authorization.caller.uid


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A response. The body is a struct to encode as JSON, or bytes, text or a stream to send unchanged."""

    body: Any = None
    status: int = 200
    media_type: str = JSON
    headers: Mapping[str, str] = {}


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One operation, as it is served and as it is documented.

    Attributes:
        path: with `{name}` for path parameters.
        body: struct of the JSON body; None if there is no body, or the handler reads it.
        query: struct of the query string.
        replies: struct of the response by status, or its media type if it is not JSON.
        also: alternative media types of the response, by status.
        accepts: JSON schema by media type, for bodies that the handler reads.
        problems: status by error code, for the errors a client should know.
        headers: request headers the route understands, with their descriptions.
        documented: False leaves the route out of the OpenAPI document.
        requires: what a call must satisfy before the handler runs.
        errors: how it states errors.
    """

    method: str
    path: str
    handler: Callable[[Call[Any]], Reply | flask.Response]
    summary: str
    description: str = ""
    tag: str
    body: type | None = None
    query: type | None = None
    replies: Mapping[int, type | str | None]
    also: Mapping[int, Sequence[str]] = {}
    accepts: Mapping[str, Mapping[str, Any]] = {}
    problems: Mapping[str, int] = {}
    headers: Mapping[str, str] = {}
    documented: bool = True
    requires: Requirement = ANY_CALLER
    errors: ErrorFormat = PROBLEM_DETAILS
