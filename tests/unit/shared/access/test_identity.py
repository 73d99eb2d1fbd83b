"""Whose tokens are good, against a real issuer on loopback."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from functions.shared.access import identity
from functions.shared.access.authorization import allow_identified
from functions.shared.access.identity import Identify
from functions.shared.domain.records import Scope
from functions.shared.errors import ConfigurationError, TemporaryError, Unauthenticated
from functions.shared.runtime.settings import Settings
from functions.shared.web import health
from functions.shared.web.app import create_app
from functions.shared.web.routing import Call, Reply, Route
from tests.support import issuer as issuers
from tests.support.issuer import Issuer

AUDIENCE = "samo-project"
ACCOUNT = "invoker@samo-project.iam.gserviceaccount.com"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuers.serving() as serving:
        yield serving


def settings(issuer: Issuer) -> Settings:
    return Settings(
        backend="gcp",
        auth_issuer=issuer.address,
        auth_audience=AUDIENCE,
        push_issuer=issuer.address,
        push_audience=AUDIENCE,
        push_account=ACCOUNT,
    )


@pytest.fixture
def of_clients(issuer: Issuer) -> Identify:
    return identity.client_identity(settings(issuer))


@pytest.fixture
def of_the_platform(issuer: Issuer) -> Identify:
    return identity.platform_identity(settings(issuer))


def bearer(token: str) -> str:
    return f"Bearer {token}"


def test_the_subject_of_a_good_token_is_the_user(issuer: Issuer, of_clients: Identify) -> None:
    assert of_clients(bearer(issuer.token(AUDIENCE, sub="ada"))).uid == "ada"
    several: Any = [AUDIENCE, "other"]
    assert of_clients(bearer(issuer.token(several, sub="grace"))).uid == "grace"


def test_keys_are_looked_up_once_for_many_tokens(issuer: Issuer, of_clients: Identify) -> None:
    for _ in range(5):
        of_clients(bearer(issuer.token(AUDIENCE)))

    assert issuer.lookups == 2, "the discovery document and the keys"


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer no.token", "Bearer a.b.c"]
)
def test_no_token_or_what_is_none_is_refused(of_clients: Identify, authorization: str | None) -> None:
    with pytest.raises(Unauthenticated):
        of_clients(authorization)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-project"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"iat": None},
        {"nbf": int(time.time()) + 3600},
        {"sub": None},
        {"sub": ""},
        {"sub": "two words"},
        {"sub": "x" * 129},
        {"sub": "line\nbreak"},
    ],
)
def test_a_token_for_another_time_place_or_nobody_is_refused(
    issuer: Issuer, of_clients: Identify, claims: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        of_clients(bearer(issuer.token(AUDIENCE, **claims)))


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_an_unsigned_token_is_refused(issuer: Issuer, of_clients: Identify) -> None:
    _, claims, _ = issuer.token(AUDIENCE).split(".")
    for algorithm in ("none", "None", "HS256"):
        with pytest.raises(Unauthenticated):
            of_clients(bearer(f"{_part({'alg': algorithm, 'typ': 'JWT'})}.{claims}."))


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(
    issuer: Issuer, of_clients: Identify
) -> None:
    header = jwt.get_unverified_header(issuer.token(AUDIENCE))
    now = int(time.time())
    said = {"iss": issuer.address, "aud": AUDIENCE, "iat": now, "exp": now + 60, "sub": "ada"}
    forged = jwt.encode(said, "k" * 64, algorithm="HS256", headers={"kid": header["kid"]})
    with pytest.raises(Unauthenticated):
        of_clients(bearer(forged))


def test_another_issuers_signature_is_refused(issuer: Issuer, of_clients: Identify) -> None:
    with issuers.serving() as other, pytest.raises(Unauthenticated):
        of_clients(bearer(other.token(AUDIENCE, iss=issuer.address)))


def test_a_changed_claim_breaks_the_signature(issuer: Issuer, of_clients: Identify) -> None:
    header, claims, signature = issuer.token(AUDIENCE).split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    with pytest.raises(Unauthenticated):
        of_clients(bearer(f"{header}.{_part({**said, 'sub': 'grace'})}.{signature}"))


def test_a_token_of_a_withdrawn_key_is_refused(issuer: Issuer) -> None:
    old = issuer.token(AUDIENCE)
    issuer.rotate(withdraw=True)
    with pytest.raises(Unauthenticated):
        identity.client_identity(settings(issuer))(bearer(old))


def test_without_the_issuers_keys_the_caller_is_asked_to_come_again(
    issuer: Issuer, of_clients: Identify
) -> None:
    issuer.available = False
    with pytest.raises(TemporaryError) as refused:
        of_clients(bearer(issuer.token(AUDIENCE)))
    assert refused.value.code == "keys_unavailable"

    issuer.available = True
    assert of_clients(bearer(issuer.token(AUDIENCE))).uid == "ada"


# -- Pub/Sub and Cloud Scheduler ------------------------------------------------------------------


def test_the_platforms_own_account_is_let_in(issuer: Issuer, of_the_platform: Identify) -> None:
    assert of_the_platform(bearer(issuer.platform_token(AUDIENCE, ACCOUNT))) == identity.anonymous()


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "somebody@else.example", "email_verified": True},
        {"email": ACCOUNT},
        {"email": ACCOUNT, "email_verified": False},
        {"email": ACCOUNT, "email_verified": "true"},
        {},
    ],
)
def test_another_account_of_the_same_issuer_is_not(
    issuer: Issuer, of_the_platform: Identify, claims: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        of_the_platform(bearer(issuer.token(AUDIENCE, **claims)))


def stripped(token: str) -> str:
    """As Cloud Run hands a token on that it has checked."""
    return bearer(f"{token.rpartition('.')[0]}.{identity.SIGNATURE_REMOVED}")


def test_a_removed_signature_counts_only_where_cloud_run_checks(
    issuer: Issuer, of_the_platform: Identify
) -> None:
    on_cloud_run = identity.platform_identity(
        replace(settings(issuer), push_signature="checked-by-cloud-run")
    )
    good = issuer.platform_token(AUDIENCE, ACCOUNT)

    with pytest.raises(Unauthenticated):
        of_the_platform(stripped(good))
    assert on_cloud_run(stripped(good)) == identity.anonymous()
    assert on_cloud_run(bearer(good)) == identity.anonymous()


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "somebody@else.example"},
        {"aud": "https://another-service"},
        {"iss": "https://evil.example"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
    ],
)
def test_what_a_token_says_counts_also_where_cloud_run_checks_the_signature(
    issuer: Issuer, claims: dict[str, Any]
) -> None:
    on_cloud_run = identity.platform_identity(
        replace(settings(issuer), push_signature="checked-by-cloud-run")
    )
    said = {"email": ACCOUNT, "email_verified": True, **claims}
    with pytest.raises(Unauthenticated):
        on_cloud_run(stripped(issuer.token(AUDIENCE, **said)))


def test_a_wrong_signature_is_refused_also_where_cloud_run_checks(issuer: Issuer) -> None:
    on_cloud_run = identity.platform_identity(
        replace(settings(issuer), push_signature="checked-by-cloud-run")
    )
    with issuers.serving() as other:
        forged = other.token(AUDIENCE, iss=issuer.address, email=ACCOUNT, email_verified=True)
    with pytest.raises(Unauthenticated):
        on_cloud_run(bearer(forged))


# -- what must be set -----------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["auth_issuer", "auth_audience"])
def test_a_public_service_refuses_to_start_without(issuer: Issuer, missing: str) -> None:
    with pytest.raises(ConfigurationError, match=f"SAMO_{missing.upper()}"):
        identity.client_identity(replace(settings(issuer), **{missing: ""}))


@pytest.mark.parametrize("missing", ["push_account", "push_audience"])
def test_an_event_service_refuses_to_start_without(issuer: Issuer, missing: str) -> None:
    with pytest.raises(ConfigurationError, match=f"SAMO_{missing.upper()}"):
        identity.platform_identity(replace(settings(issuer), **{missing: ""}))


def test_on_a_laptop_there_is_one_user_and_no_token() -> None:
    caller = identity.client_identity(Settings())(None)
    assert caller.uid == identity.LOCAL_USER
    assert caller.scopes == frozenset(Scope), "who runs it operates it"


def test_on_a_laptop_with_an_issuer_there_are_accounts(issuer: Issuer) -> None:
    of_clients = identity.client_identity(replace(settings(issuer), backend="local"))
    with pytest.raises(Unauthenticated):
        of_clients(None)


# -- what a token allows --------------------------------------------------------------------------


def test_a_person_may_do_everything_with_their_own_and_nothing_with_others(
    issuer: Issuer, of_clients: Identify
) -> None:
    assert of_clients(bearer(issuer.token(AUDIENCE))).scopes == frozenset(Scope) - {Scope.ADMIN}


@pytest.mark.parametrize(("said", "is_admin"), [(True, True), (False, False), ("true", False), (1, False)])
def test_an_operator_is_whose_token_says_so(
    issuer: Issuer, of_clients: Identify, said: object, is_admin: bool
) -> None:
    caller = of_clients(bearer(issuer.token(AUDIENCE, samo_admin=said)))
    assert (Scope.ADMIN in caller.scopes) is is_admin


def test_a_token_tells_when_its_user_signed_in(issuer: Issuer, of_clients: Identify) -> None:
    caller = of_clients(bearer(issuer.token(AUDIENCE, auth_time=1_700_000_000)))
    assert caller.signed_in_at == datetime.fromtimestamp(1_700_000_000, UTC)
    with pytest.raises(Unauthenticated):
        of_clients(bearer(issuer.token(AUDIENCE, auth_time="yesterday")))


def test_tokens_with_unknown_keys_do_not_make_it_ask_each_time(issuer: Issuer, of_clients: Identify) -> None:
    of_clients(bearer(issuer.token(AUDIENCE)))
    before = issuer.lookups
    with issuers.serving() as other:
        for _ in range(5):
            other.rotate()
            with pytest.raises(Unauthenticated):
                of_clients(bearer(other.token(AUDIENCE, iss=issuer.address)))
    assert issuer.lookups == before


# -- over HTTP ------------------------------------------------------------------------------------


@pytest.fixture
def client(of_clients: Identify) -> FlaskClient:
    def whoami(call: Call[None]) -> Reply:
        return Reply(body={"uid": call.uid})

    route = Route(method="GET", path="/me", handler=whoami, summary="", tag="", replies={200: None})
    return create_app([route, *health.routes()], Settings(), allow_identified(of_clients)).test_client()


def test_a_route_knows_its_caller(issuer: Issuer, client: FlaskClient) -> None:
    answer = client.get("/me", headers={"Authorization": f"Bearer {issuer.token(AUDIENCE, sub='grace')}"})
    assert answer.json == {"uid": "grace"}


def test_a_stranger_gets_a_typed_answer(client: FlaskClient) -> None:
    answer = client.get("/me")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.get_json(force=True)["code"] == "unauthenticated"


def test_health_needs_no_token(client: FlaskClient) -> None:
    assert client.get("/health").json == {"status": "ok"}
