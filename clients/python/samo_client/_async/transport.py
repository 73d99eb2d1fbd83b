"""Sends requests, retries them where that is safe, and raises errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from samo_client.authentication import AsyncToken, Bearer
from samo_client.errors import SamoError, error_from_response, unreachable
from samo_client.operations import OPERATIONS, Operation
from samo_client.parameters import Parameters, query
from samo_client.recordings import Progress, Recording
from samo_client.retries import Retries

T = TypeVar("T")
Content = Callable[[], AsyncIterator[bytes]]
"""Creates the request body; called once per attempt."""


class Transport:
    """A connection pool to one server."""

    def __init__(self, address: str, token: AsyncToken, retries: Retries, timeout_s: float) -> None:
        self.token = token
        self.retries = retries
        self.timeout_s = timeout_s
        self.http = httpx.AsyncClient(base_url=address, auth=Bearer(token), timeout=timeout_s)

    async def request(self, kind: type[T], name: str, *ids: str, **request: Any) -> T:
        """Calls an operation and decodes its JSON response; for the request's parts see `call`."""
        return msgspec.json.decode((await self.call(name, *ids, **request)).content, type=kind)

    async def call(
        self,
        name: str,
        *ids: str,
        body: object = None,
        content: Content | None = None,
        files: Any = None,
        parameters: Parameters | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> httpx.Response:
        """Calls an operation, with retries, and returns its 2xx or 304 response.

        Args:
            ids: the identifiers in its path.
            body: sent as JSON.
            content, files: a body that is not JSON.
            parameters: the query; values of None are left out.

        Raises:
            SamoError: the response has another status, or there is none.
        """
        operation = OPERATIONS[name]
        sent = dict(headers or {})
        if body is not None:
            sent["Content-Type"] = "application/json"

        async def attempt_once() -> httpx.Response:
            request = self.http.build_request(
                operation.method,
                _path(operation, ids),
                params=query(parameters),
                content=msgspec.json.encode(body) if body is not None else content and content(),
                files=files,
                headers=sent,
                timeout=timeout_s or self.timeout_s,
            )
            return await self._send(request)

        return await self._with_retries(operation, attempt_once)

    @asynccontextmanager
    async def stream(
        self, name: str, *ids: str, headers: Mapping[str, str], timeout_s: float | None = None
    ) -> AsyncIterator[httpx.Response]:
        """Calls an operation, without retries, and returns a response whose body is streamed.

        Raises:
            SamoError: the status is an error, or the body is incomplete.
        """
        operation = OPERATIONS[name]
        timeout = timeout_s or self.timeout_s
        try:
            async with self.http.stream(
                operation.method, _path(operation, ids), headers=headers, timeout=timeout
            ) as response:
                if response.is_error:
                    raise error_from_response(response.status_code, response.headers, await response.aread())
                yield response
        except httpx.TransportError as error:
            raise unreachable(error) from error

    async def _with_retries(self, operation: Operation, attempt_once: Callable[[], Any]) -> httpx.Response:
        attempt = 1
        while True:
            try:
                response: httpx.Response = await attempt_once()
            except SamoError as error:
                if attempt > 1 and error.code == operation.done:
                    return httpx.Response(204)
                pause = self.retries.pause(attempt, error) if _may_retry(operation, error) else None
                if pause is None:
                    raise
            else:
                return response
            await asyncio.sleep(pause)
            attempt += 1

    async def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            response = await self.http.send(request)
        except httpx.TransportError as error:
            raise unreachable(error) from error
        if response.is_error:
            raise error_from_response(response.status_code, response.headers, response.content)
        return response


async def blocks(
    recording: Recording, start: int, stop: int, progress: Progress | None
) -> AsyncIterator[bytes]:
    """Yields part of a recording in blocks, and reports the progress."""
    sent = start
    for block in recording.read(start, stop):
        yield block
        sent += len(block)
        if progress is not None:
            progress(sent, recording.size)


def _path(operation: Operation, ids: tuple[str, ...]) -> str:
    return operation.path.format(*(quote(identifier, safe="") for identifier in ids))


def _may_retry(operation: Operation, error: SamoError) -> bool:
    """Whether the operation is idempotent, or the request never reached the server."""
    return operation.repeatable or isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout)
