"""Routes, requests and replies."""

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


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457 problem details; `code` is stable and meant for programs."""

    title: str
    status: int
    code: str
    detail: str = ""
    type: str = "about:blank"
    request_id: str = ""


B = TypeVar("B")


class Call(Generic[B]):
    """One request of a user, with its JSON body (if the route declares one) already validated."""

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
    """An answer: a struct as JSON, bytes or text as they are, or a stream."""

    body: Any = None
    status: int = 200
    media_type: str = JSON
    headers: Mapping[str, str] = {}


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One operation, as it is served and as it is documented.

    Attributes:
        path: with `{name}` for path parameters.
        body: struct of the JSON body; None for no body or one the handler reads itself.
        query: struct of the query string.
        replies: status → struct type, or a media type for anything that is not JSON.
        also: media types that the same statuses may come with instead.
        accepts: media type → JSON schema, for bodies the handler reads itself.
        problems: the error codes a client should know, with their status.
        headers: what a client may send along, by the header's name.
        documented: False for pages, which are for people.
        requires: what the call must satisfy before the handler runs.
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
