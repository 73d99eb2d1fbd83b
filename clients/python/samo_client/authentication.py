"""Bearer authentication: an ID token or API key, given as is or fetched before every request."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator

import httpx

Token = str | Callable[[], str] | None
AsyncToken = str | Callable[[], str | Awaitable[str]] | None


class Bearer(httpx.Auth):
    """Adds a token to every request."""

    def __init__(self, token: AsyncToken) -> None:
        self._token = token

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Adds the current token."""
        token = self._current()
        if inspect.isawaitable(token):
            raise TypeError("a blocking client cannot await its token")
        yield _with(request, token)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Adds the current token."""
        token = self._current()
        yield _with(request, await token if inspect.isawaitable(token) else token)

    def _current(self) -> str | Awaitable[str] | None:
        return self._token() if callable(self._token) else self._token


async def current(token: AsyncToken) -> str | None:
    """Returns the current token."""
    value = token() if callable(token) else token
    return await value if inspect.isawaitable(value) else value


def _with(request: httpx.Request, token: str | None) -> httpx.Request:
    if token is not None:
        request.headers["Authorization"] = f"Bearer {token}"
    return request
