"""A model hub on localhost for the real hub client: revisions and files."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

REPOSITORY, REVISION = "someone/some-model", "a" * 40


@contextmanager
def serving(files: Mapping[str, bytes], stated: Mapping[str, bytes] | None = None) -> Iterator[str]:
    """Serve a hub with these files; yields its URL. `stated` overrides content for the revision's digests."""
    handler = type("Handler", (Hub,), {"files": files, "stated": {**files, **(stated or {})}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Hub(BaseHTTPRequestHandler):
    """The responses that a download needs."""

    files: Mapping[str, bytes]
    stated: Mapping[str, bytes]

    def do_GET(self) -> None:
        self._respond(body=True)

    def do_HEAD(self) -> None:
        self._respond(body=False)

    def _respond(self, *, body: bool) -> None:
        name = self.path.rsplit("/", 1)[-1]
        if self.path.startswith(f"/api/models/{REPOSITORY}/"):
            siblings = [self._sibling(file) for file in self.files]
            info = {"id": REPOSITORY, "sha": REVISION, "siblings": siblings}
            entries = [
                {"type": "file", "path": file, "size": len(content), "oid": "0" * 40}
                for file, content in self.files.items()
            ]
            self._send(json.dumps(entries if "/tree/" in self.path else info).encode(), body)
        elif self.path == f"/{REPOSITORY}/resolve/{REVISION}/{name}" and name in self.files:
            self._send(self.files[name], body)
        else:
            self.send_error(404)

    def _sibling(self, name: str) -> dict[str, Any]:
        content = self.stated[name]
        digest = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
        return {"rfilename": name, "size": len(content), "blobId": "0" * 40, "lfs": digest}

    def _send(self, content: bytes, body: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", REVISION)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing."""
