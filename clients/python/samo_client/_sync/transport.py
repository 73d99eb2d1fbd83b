# Written by `python -m clients.generate` from the module of this name in _async.
"""Requests on their way: addressed, authorized, sent again where that helps, and their answers read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from samo_client.authentication import Bearer, Token
from samo_client.errors import SamoError, of_answer, unreachable
from samo_client.operations import OPERATIONS, Operation
from samo_client.parameters import Parameters, query
from samo_client.recordings import Progress, Recording
from samo_client.retries import Retries

T = TypeVar("T")
Content = Callable[[], Iterator[bytes]]
"""A body that can be sent more than once."""


class Transport:
    """One connection pool to one SAMO."""

    def __init__(self, address: str, token: Token, retries: Retries, timeout_s: float) -> None:
        self.token = token
        self.retries = retries
        self.timeout_s = timeout_s
        self.http = httpx.Client(base_url=address, auth=Bearer(token), timeout=timeout_s)

    def ask(self, kind: type[T], name: str, *ids: str, **request: Any) -> T:
        """What an operation answers, as a struct; for the request's parts see `call`."""
        return msgspec.json.decode((self.call(name, *ids, **request)).content, type=kind)

    def call(
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
        """An operation's answer of 2xx or 304, after as many attempts as it may take.

        Args:
            ids: of what its path names.
            body: becomes JSON.
            content, files: a body that is none.
            parameters: of the query; None among them are left out.

        Raises:
            SamoError: another answer, or none.
        """
        operation = OPERATIONS[name]
        sent = dict(headers or {})
        if body is not None:
            sent["Content-Type"] = "application/json"

        def once() -> httpx.Response:
            request = self.http.build_request(
                operation.method,
                _path(operation, ids),
                params=query(parameters),
                content=msgspec.json.encode(body) if body is not None else content and content(),
                files=files,
                headers=sent,
                timeout=timeout_s or self.timeout_s,
            )
            return self._answer(request)

        return self._persistently(operation, once)

    @contextmanager
    def stream(
        self, name: str, *ids: str, headers: Mapping[str, str], timeout_s: float | None = None
    ) -> Iterator[httpx.Response]:
        """An operation's answer, whose body is read while it comes; asked for once.

        Raises:
            SamoError: it is none of 2xx, or breaks off.
        """
        operation = OPERATIONS[name]
        timeout = timeout_s or self.timeout_s
        try:
            with self.http.stream(
                operation.method, _path(operation, ids), headers=headers, timeout=timeout
            ) as answer:
                if answer.is_error:
                    raise of_answer(answer.status_code, answer.headers, answer.read())
                yield answer
        except httpx.TransportError as error:
            raise unreachable(error) from error

    def _persistently(self, operation: Operation, once: Callable[[], Any]) -> httpx.Response:
        attempt = 1
        while True:
            try:
                answer: httpx.Response = once()
            except SamoError as error:
                if attempt > 1 and error.code == operation.done:
                    return httpx.Response(204)
                pause = self.retries.pause(attempt, error) if _may_repeat(operation, error) else None
                if pause is None:
                    raise
            else:
                return answer
            time.sleep(pause)
            attempt += 1

    def _answer(self, request: httpx.Request) -> httpx.Response:
        try:
            answer = self.http.send(request)
        except httpx.TransportError as error:
            raise unreachable(error) from error
        if answer.is_error:
            raise of_answer(answer.status_code, answer.headers, answer.content)
        return answer


def blocks(recording: Recording, start: int, stop: int, progress: Progress | None) -> Iterator[bytes]:
    """Part of a recording, telling `progress` how much of the whole has been sent."""
    sent = start
    for block in recording.read(start, stop):
        yield block
        sent += len(block)
        if progress is not None:
            progress(sent, recording.size)


def _path(operation: Operation, ids: tuple[str, ...]) -> str:
    return operation.path.format(*(quote(each, safe="") for each in ids))


def _may_repeat(operation: Operation, error: SamoError) -> bool:
    """Asking twice does no harm, or nobody has heard it yet."""
    return operation.repeatable or isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout)
