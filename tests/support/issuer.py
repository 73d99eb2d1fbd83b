"""An OpenID Connect issuer on loopback with rotating keys, which issues tokens with any claims.

It also implements the parts of Identity Platform that SAMO uses: account lookup, password sign-in, and
token renewal.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

WEB_KEY = "web-key"
"""The API key that pages sign in with."""


class Issuer:
    """Signs tokens with its newest key; publishes every key that is not withdrawn."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.lookups = 0
        self.available = True
        self.users: dict[str, dict[str, Any]] = {}
        """What `accounts:lookup` returns, by uid."""
        self.password_users = PasswordUsers(self)
        self._keys: dict[str, rsa.RSAPrivateKey] = {}
        self._rotations = 0
        self.rotate()

    def rotate(self, *, withdraw: bool = False) -> None:
        """Starts using a new key; `withdraw` invalidates all older ones."""
        if withdraw:
            self._keys.clear()
        self._keys[uuid.uuid4().hex] = _private_key(self._rotations)
        self._rotations += 1

    def token(self, audience: str, *, lifetime_s: float = 3600, **claims: Any) -> str:
        """Issues a token; `claims` add to or replace the default ones (None removes one)."""
        now = int(time.time())
        defaults = {"iss": self.address, "aud": audience, "iat": now, "exp": now + lifetime_s, "sub": "ada"}
        payload = {name: value for name, value in {**defaults, **claims}.items() if value is not None}
        kid, key = list(self._keys.items())[-1]
        return jwt.encode(payload, key, algorithm="RS256", headers={"kid": kid})

    def platform_token(self, audience: str, account: str) -> str:
        """A token like those of Pub/Sub and Cloud Scheduler."""
        return self.token(audience, sub="1234567890", email=account, email_verified=True)

    def sign_up(self, uid: str, *, valid_since: int = 0, disabled: bool = False) -> None:
        """Adds a user whose tokens are valid if issued after `valid_since`."""
        self.users[uid] = {"localId": uid, "validSince": str(valid_since), "disabled": disabled}

    def look_up(self, request: Any) -> dict[str, Any]:
        """https://cloud.google.com/identity-platform/docs/reference/rest/v1/projects.accounts/lookup"""
        self.lookups += 1
        users = [self.users[uid] for uid in request["localId"] if uid in self.users]
        return {"users": users} if users else {"kind": "identitytoolkit#GetAccountInfoResponse"}

    def answer(self, path: str, query: str, request: dict[str, Any]) -> dict[str, Any]:
        """Answers a page's request, if its API key is valid. Raises Refused."""
        if parse_qs(query).get("key") != [WEB_KEY]:
            raise Refused("API key not valid. Please pass a valid API key.")
        return self.password_users.answer(path.rpartition("/")[2], request)

    def document(self, path: str) -> dict[str, Any] | None:
        if not self.available:
            return None
        self.lookups += 1
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.address, "jwks_uri": f"{self.address}/keys"}
        if path == "/keys":
            return {"keys": [_public(kid, key) for kid, key in self._keys.items()]}
        return None


class Refused(Exception):
    """Status 400 with Identity Platform's error code."""


class PasswordUsers:
    """Users with e-mail and password; their tokens last `lifetime_s` and are for `audience`."""

    def __init__(self, issuer: Issuer) -> None:
        self.lifetime_s = 3600
        self.audience = "samo-project"
        self.renewals = 0
        self._issuer = issuer
        self._uids: dict[tuple[str, str], str] = {}
        self._refresh: dict[str, str] = {}

    def add(self, email: str, password: str, uid: str) -> None:
        self._uids[email, password] = uid
        self._issuer.sign_up(uid)

    def forget_sessions(self) -> None:
        """Revokes every refresh token."""
        self._refresh.clear()

    def answer(self, method: str, request: dict[str, Any]) -> dict[str, Any]:
        """https://cloud.google.com/identity-platform/docs/use-rest-api"""
        if method == "token":
            return self._renewed(request["refresh_token"])
        if method == "accounts:sendOobCode":
            return {"email": request["email"]}
        if method == "accounts:signUp":
            self._make(request["email"], request["password"])
        uid = self._uids.get((request["email"], request["password"]))
        if uid is None:
            raise Refused("INVALID_LOGIN_CREDENTIALS")
        token, refresh = self._tokens(uid)
        return {"idToken": token, "refreshToken": refresh, "expiresIn": str(self.lifetime_s), "localId": uid}

    def _make(self, email: str, password: str) -> None:
        if any(known == email for known, _ in self._uids):
            raise Refused("EMAIL_EXISTS")
        self.add(email, password, f"uid-{uuid.uuid4().hex}")

    def _renewed(self, refresh: str) -> dict[str, Any]:
        if refresh not in self._refresh:
            raise Refused("INVALID_REFRESH_TOKEN")
        self.renewals += 1
        token, refresh = self._tokens(self._refresh[refresh])
        return {"id_token": token, "refresh_token": refresh, "expires_in": str(self.lifetime_s)}

    def _tokens(self, uid: str) -> tuple[str, str]:
        refresh = uuid.uuid4().hex
        self._refresh[refresh] = uid
        return self._issuer.token(self.audience, sub=uid, lifetime_s=self.lifetime_s), refresh


@cache
def _private_key(number: int) -> rsa.RSAPrivateKey:
    """The key of an issuer's n-th rotation: all issuers share them, as generating one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _public(kid: str, key: rsa.RSAPrivateKey) -> dict[str, Any]:
    return {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", "alg": "RS256"}


@contextmanager
def serving() -> Iterator[Issuer]:
    """An issuer on a free port for the duration of the context."""
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

    def do_OPTIONS(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        path, _, query = self.path.partition("?")
        if query:
            return self._answer_page(path, query, body)
        request = json.loads(body)
        known = self.path.startswith("/identitytoolkit.googleapis.com/v1/projects/")
        allowed = self.headers["Authorization"] == "Bearer owner" and self._issuer.available
        return self._answer(self._issuer.look_up(request) if known and allowed else None)

    def _answer_page(self, path: str, query: str, body: str) -> None:
        form = self.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
        request = dict(parse_qsl(body)) if form else json.loads(body)
        try:
            self._answer(self._issuer.answer(path, query, request) if self._issuer.available else None)
        except Refused as error:
            self._answer({"error": {"code": 400, "message": str(error)}}, status=400)

    @property
    def _issuer(self) -> Issuer:
        issuer: Issuer = self.server.issuer  # type: ignore[attr-defined]
        return issuer

    def _answer(self, response: dict[str, Any] | None, status: int = 200) -> None:
        body = json.dumps(response).encode()
        self.send_response(503 if response is None else status)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Allow-Headers", "content-type")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""
