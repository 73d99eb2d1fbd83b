"""The front end of all services: routes requests to instances and attaches the platform's token.

Serves `http://127.0.0.1:PORT/SERVICE/PATH`. The Pub/Sub emulator sends no tokens, so those of Pub/Sub and
Cloud Scheduler are attached here. Faults are injected here too: see `Faults`.
"""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec

from tests.support.cloudrun.instance import Instance
from tests.support.cloudrun.services import NoInstance, Service

Token = Callable[[str], str]
"""Returns the platform's token for an audience."""
_HOP = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "accept-encoding"}
)
_TOKEN_S = 60.0
BACKOFF_S = 1.0
"""Delay before an error response. The emulator's own backoff loses messages: of those due for a second retry
when it looks for one to push, it drops all but one. So subscriptions have no backoff, and this one waits."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request to a service."""

    service: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers.items() if key.lower() == name), "")


class Response(msgspec.Struct, frozen=True):
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


Forward = Callable[[Request, Callable[[Instance], None]], Response]
"""Sends a request to an instance; calls its second argument once the instance has received it."""


class Faults:
    """Decides what happens to the platform's deliveries; this one forwards them all."""

    def deliver(self, request: Request, forward: Forward) -> Response:
        return forward(request, lambda _: None)


class Front:
    """Routes requests by the first path segment to services, or to receivers in this process."""

    def __init__(self, services: Mapping[str, Service], token: Token, faults: Faults) -> None:
        self._services = services
        self._token = token
        self._faults = faults
        self._tokens: dict[str, tuple[float, str]] = {}
        self.receivers: dict[str, Callable[[Request], Response]] = {}

    def handle(self, request: Request) -> Response:
        receiver = self.receivers.get(request.service)
        if receiver is not None:
            return receiver(request)
        service = self._services.get(request.service)
        if service is None:
            return Response(404)
        if not service.kind.audience or request.header("authorization"):
            return self.forward(request, lambda _: None)
        response = self._faults.deliver(self._signed(request, service.kind.audience), self.forward)
        if response.status >= 300:
            threading.Event().wait(BACKOFF_S)
        return response

    def forward(self, request: Request, begun: Callable[[Instance], None]) -> Response:
        """Forwards to an instance; responds as Cloud Run does if none is available or it crashes."""
        service = self._services[request.service]
        try:
            with service.instance() as instance:
                return _send(request, instance, service.kind.timeout_s, begun)
        except NoInstance:
            return Response(429)
        except TimeoutError:
            return Response(504)
        except (OSError, http.client.HTTPException, RuntimeError):
            return Response(503)

    def _signed(self, request: Request, audience: str) -> Request:
        made, token = self._tokens.get(audience, (0.0, ""))
        if time.monotonic() - made > _TOKEN_S:
            token = self._token(audience)
            self._tokens[audience] = time.monotonic(), token
        return msgspec.structs.replace(
            request, headers={**request.headers, "Authorization": f"Bearer {token}"}
        )


def _send(
    request: Request, instance: Instance, timeout_s: float, begun: Callable[[Instance], None]
) -> Response:
    connection = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=timeout_s)
    try:
        connection.request(request.method, request.path, request.body or None, dict(request.headers))
        begun(instance)
        response = connection.getresponse()
        headers = tuple((name, value) for name, value in response.getheaders() if name.lower() not in _HOP)
        return Response(response.status, headers, response.read())
    finally:
        connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: object, client_address: object) -> None:
        """Callers may hang up, or be killed."""


@contextmanager
def serving(front: Front, port: int) -> Iterator[None]:
    """The front on a port of loopback, until the context ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            response = front.handle(self._request())
            self.send_response(response.status)
            for name, value in response.headers:
                self.send_header(name, value)
            if response.status not in (204, 304):
                self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(response.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815

        def _request(self) -> Request:
            _, service, rest = self.path.split("/", 2) if self.path.count("/") > 1 else ("", "", "")
            return Request(
                service=service,
                method=self.command,
                path=f"/{rest}",
                headers={name: value for name, value in self.headers.items() if name.lower() not in _HOP},
                body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
            )

        def log_message(self, *_: object) -> None:
            """Silent: the services write their own logs."""

    with _Server(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
