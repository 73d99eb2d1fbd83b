"""An OpenID Connect issuer on loopback: a discovery document, keys that can be rotated, tokens to order.

It also answers Identity Platform's `accounts:lookup`, as its emulator does.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


class Issuer:
    """Signs tokens with its newest key; serves the public halves of those it has not withdrawn."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.lookups = 0
        self.available = True
        self.users: dict[str, dict[str, Any]] = {}
        """By uid, what `accounts:lookup` says of them."""
        self._keys: dict[str, rsa.RSAPrivateKey] = {}
        self.rotate()

    def rotate(self, *, withdraw: bool = False) -> None:
        """A new key from now on; `withdraw` makes every older one invalid."""
        if withdraw:
            self._keys.clear()
        self._keys[uuid.uuid4().hex] = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def token(self, audience: str, *, lifetime_s: float = 3600, **claims: Any) -> str:
        """A token issued now; `claims` add to or replace the usual ones (None leaves one out)."""
        now = int(time.time())
        usual = {"iss": self.address, "aud": audience, "iat": now, "exp": now + lifetime_s, "sub": "ada"}
        said = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        kid, key = list(self._keys.items())[-1]
        return jwt.encode(said, key, algorithm="RS256", headers={"kid": kid})

    def platform_token(self, audience: str, account: str) -> str:
        """A token as Pub/Sub and Cloud Scheduler send it."""
        return self.token(audience, sub="1234567890", email=account, email_verified=True)

    def sign_up(self, uid: str, *, valid_since: int = 0, disabled: bool = False) -> None:
        """A user that Identity Platform knows, whose tokens count from some moment on."""
        self.users[uid] = {"localId": uid, "validSince": str(valid_since), "disabled": disabled}

    def look_up(self, asked: Any) -> dict[str, Any]:
        """https://cloud.google.com/identity-platform/docs/reference/rest/v1/projects.accounts/lookup"""
        self.lookups += 1
        found = [self.users[uid] for uid in asked["localId"] if uid in self.users]
        return {"users": found} if found else {"kind": "identitytoolkit#GetAccountInfoResponse"}

    def document(self, path: str) -> dict[str, Any] | None:
        if not self.available:
            return None
        self.lookups += 1
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.address, "jwks_uri": f"{self.address}/keys"}
        if path == "/keys":
            return {"keys": [_public(kid, key) for kid, key in self._keys.items()]}
        return None


def _public(kid: str, key: rsa.RSAPrivateKey) -> dict[str, Any]:
    return {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", "alg": "RS256"}


@contextmanager
def serving() -> Iterator[Issuer]:
    """An issuer on a free port, until the context ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.issuer = issuer = Issuer(f"http://127.0.0.1:{server.server_address[1]}")  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer(self._issuer.document(self.path))

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = self.path.startswith("/identitytoolkit.googleapis.com/v1/projects/")
        allowed = self.headers["Authorization"] == "Bearer owner" and self._issuer.available
        self._answer(self._issuer.look_up(asked) if known and allowed else None)

    @property
    def _issuer(self) -> Issuer:
        issuer: Issuer = self.server.issuer  # type: ignore[attr-defined]
        return issuer

    def _answer(self, found: dict[str, Any] | None) -> None:
        body = json.dumps(found).encode()
        self.send_response(503 if found is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads this."""
