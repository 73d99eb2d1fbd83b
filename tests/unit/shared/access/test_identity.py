"""Identifying callers by their tokens, against a real issuer on loopback."""

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

from functions.shared.access import identity, tokens
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
def identify_client(issuer: Issuer) -> Identify:
    return identity.client_identity(settings(issuer))


@pytest.fixture
def identify_platform(issuer: Issuer) -> Identify:
    return identity.platform_identity(settings(issuer))


def bearer(token: str) -> str:
    return f"Bearer {token}"


def test_the_subject_of_a_valid_token_is_the_user(issuer: Issuer, identify_client: Identify) -> None:
    assert identify_client(bearer(issuer.token(AUDIENCE, sub="ada"))).uid == "ada"
    several: Any = [AUDIENCE, "other"]
    assert identify_client(bearer(issuer.token(several, sub="grace"))).uid == "grace"


def test_the_issuers_keys_are_fetched_once_for_many_tokens(issuer: Issuer, identify_client: Identify) -> None:
    for _ in range(5):
        identify_client(bearer(issuer.token(AUDIENCE)))

    assert issuer.lookups == 2, "the discovery document and the keys"


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer no.token", "Bearer a.b.c"]
)
def test_missing_and_malformed_tokens_are_rejected(
    identify_client: Identify, authorization: str | None
) -> None:
    with pytest.raises(Unauthenticated):
        identify_client(authorization)


@pytest.mark.parametrize("scheme", ["Basic", "Token", ""])
def test_a_token_under_another_scheme_is_rejected(
    issuer: Issuer, identify_client: Identify, scheme: str
) -> None:
    with pytest.raises(Unauthenticated):
        identify_client(f"{scheme} {issuer.token(AUDIENCE)}")


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
def test_a_token_with_an_invalid_claim_is_rejected(
    issuer: Issuer, identify_client: Identify, claims: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        identify_client(bearer(issuer.token(AUDIENCE, **claims)))


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_an_unsigned_token_is_rejected(issuer: Issuer, identify_client: Identify) -> None:
    _, claims, _ = issuer.token(AUDIENCE).split(".")
    for algorithm in ("none", "None", "HS256"):
        with pytest.raises(Unauthenticated):
            identify_client(bearer(f"{_part({'alg': algorithm, 'typ': 'JWT'})}.{claims}."))


def test_a_token_signed_with_the_public_key_as_a_secret_is_rejected(
    issuer: Issuer, identify_client: Identify
) -> None:
    header = jwt.get_unverified_header(issuer.token(AUDIENCE))
    now = int(time.time())
    payload = {"iss": issuer.address, "aud": AUDIENCE, "iat": now, "exp": now + 60, "sub": "ada"}
    forged = jwt.encode(payload, "k" * 64, algorithm="HS256", headers={"kid": header["kid"]})
    with pytest.raises(Unauthenticated):
        identify_client(bearer(forged))


def test_another_issuers_signature_is_rejected(issuer: Issuer, identify_client: Identify) -> None:
    with issuers.serving() as other, pytest.raises(Unauthenticated):
        identify_client(bearer(other.token(AUDIENCE, iss=issuer.address)))


def test_a_changed_claim_invalidates_the_signature(issuer: Issuer, identify_client: Identify) -> None:
    header, claims, signature = issuer.token(AUDIENCE).split(".")
    payload = json.loads(base64.urlsafe_b64decode(claims + "=="))
    with pytest.raises(Unauthenticated):
        identify_client(bearer(f"{header}.{_part({**payload, 'sub': 'grace'})}.{signature}"))


def test_a_token_signed_with_a_withdrawn_key_is_rejected(issuer: Issuer) -> None:
    old = issuer.token(AUDIENCE)
    issuer.rotate(withdraw=True)
    with pytest.raises(Unauthenticated):
        identity.client_identity(settings(issuer))(bearer(old))


def test_an_unreachable_issuer_is_a_temporary_error(issuer: Issuer, identify_client: Identify) -> None:
    issuer.available = False
    with pytest.raises(TemporaryError) as error:
        identify_client(bearer(issuer.token(AUDIENCE)))
    assert error.value.code == "keys_unavailable"

    issuer.available = True
    assert identify_client(bearer(issuer.token(AUDIENCE))).uid == "ada"


def test_unreachable_signing_keys_are_a_temporary_error(issuer: Issuer, refusing: str) -> None:
    identify = identity.client_identity(replace(settings(issuer), auth_keys=f"http://{refusing}/keys"))
    with pytest.raises(TemporaryError) as error:
        identify(bearer(issuer.token(AUDIENCE)))
    assert error.value.code == "keys_unavailable"


# -- Pub/Sub and Cloud Scheduler ----------------------------------------------------------------


def test_the_platforms_service_account_is_accepted(issuer: Issuer, identify_platform: Identify) -> None:
    assert identify_platform(bearer(issuer.platform_token(AUDIENCE, ACCOUNT))) == identity.anonymous()


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
def test_other_accounts_of_the_same_issuer_are_rejected(
    issuer: Issuer, identify_platform: Identify, claims: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        identify_platform(bearer(issuer.token(AUDIENCE, **claims)))


def stripped(token: str) -> str:
    """The header as Cloud Run forwards it after checking the token's signature."""
    return bearer(f"{token.rpartition('.')[0]}.{tokens.SIGNATURE_REMOVED}")


def test_a_removed_signature_is_accepted_only_where_cloud_run_checks_it(
    issuer: Issuer, identify_platform: Identify
) -> None:
    on_cloud_run = identity.platform_identity(
        replace(settings(issuer), push_signature="checked-by-cloud-run")
    )
    good = issuer.platform_token(AUDIENCE, ACCOUNT)

    with pytest.raises(Unauthenticated):
        identify_platform(stripped(good))
    assert on_cloud_run(stripped(good)) == identity.anonymous()
    assert on_cloud_run(bearer(good)) == identity.anonymous()


def test_a_removed_signature_is_rejected_in_clients_tokens(issuer: Issuer, identify_client: Identify) -> None:
    with pytest.raises(Unauthenticated):
        identify_client(stripped(issuer.token(AUDIENCE)))


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
def test_claims_are_checked_even_where_cloud_run_checks_the_signature(
    issuer: Issuer, claims: dict[str, Any]
) -> None:
    on_cloud_run = identity.platform_identity(
        replace(settings(issuer), push_signature="checked-by-cloud-run")
    )
    payload = {"email": ACCOUNT, "email_verified": True, **claims}
    with pytest.raises(Unauthenticated):
        on_cloud_run(stripped(issuer.token(AUDIENCE, **payload)))


def test_a_wrong_signature_is_rejected_even_where_cloud_run_checks_it(issuer: Issuer) -> None:
    on_cloud_run = identity.platform_identity(
        replace(settings(issuer), push_signature="checked-by-cloud-run")
    )
    with issuers.serving() as other:
        forged = other.token(AUDIENCE, iss=issuer.address, email=ACCOUNT, email_verified=True)
    with pytest.raises(Unauthenticated):
        on_cloud_run(bearer(forged))


# -- required settings -----------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["auth_issuer", "auth_audience"])
def test_a_public_service_does_not_start_without_its_settings(issuer: Issuer, missing: str) -> None:
    with pytest.raises(ConfigurationError, match=f"SAMO_{missing.upper()}"):
        identity.client_identity(replace(settings(issuer), **{missing: ""}))


@pytest.mark.parametrize("missing", ["push_account", "push_audience"])
def test_an_event_service_does_not_start_without_its_settings(issuer: Issuer, missing: str) -> None:
    with pytest.raises(ConfigurationError, match=f"SAMO_{missing.upper()}"):
        identity.platform_identity(replace(settings(issuer), **{missing: ""}))


def test_a_laptop_without_an_issuer_has_one_user_and_needs_no_token() -> None:
    caller = identity.client_identity(Settings())(None)
    assert caller.uid == identity.LOCAL_USER
    assert caller.scopes == frozenset(Scope), "the local user is the operator too"


def test_a_laptop_with_an_issuer_has_accounts(issuer: Issuer) -> None:
    identify_client = identity.client_identity(replace(settings(issuer), backend="local"))
    with pytest.raises(Unauthenticated):
        identify_client(None)


# -- scopes --------------------------------------------------------------------------


def test_a_person_has_every_scope_but_admin(issuer: Issuer, identify_client: Identify) -> None:
    assert identify_client(bearer(issuer.token(AUDIENCE))).scopes == frozenset(Scope) - {Scope.ADMIN}


@pytest.mark.parametrize(("claim", "is_admin"), [(True, True), (False, False), ("true", False), (1, False)])
def test_an_operators_token_has_the_admin_claim(
    issuer: Issuer, identify_client: Identify, claim: object, is_admin: bool
) -> None:
    caller = identify_client(bearer(issuer.token(AUDIENCE, samo_admin=claim)))
    assert (Scope.ADMIN in caller.scopes) is is_admin


def test_a_token_says_when_its_user_signed_in(issuer: Issuer, identify_client: Identify) -> None:
    caller = identify_client(bearer(issuer.token(AUDIENCE, auth_time=1_700_000_000)))
    assert caller.signed_in_at == datetime.fromtimestamp(1_700_000_000, UTC)
    with pytest.raises(Unauthenticated):
        identify_client(bearer(issuer.token(AUDIENCE, auth_time="yesterday")))


def test_unknown_keys_do_not_cause_a_fetch_each_time(issuer: Issuer, identify_client: Identify) -> None:
    identify_client(bearer(issuer.token(AUDIENCE)))
    before = issuer.lookups
    with issuers.serving() as other:
        for _ in range(5):
            other.rotate()
            with pytest.raises(Unauthenticated):
                identify_client(bearer(other.token(AUDIENCE, iss=issuer.address)))
    assert issuer.lookups == before


# -- over HTTP ----------------------------------------------------------------------------------


@pytest.fixture
def client(identify_client: Identify) -> FlaskClient:
    def whoami(call: Call[None]) -> Reply:
        return Reply(body={"uid": call.uid})

    route = Route(method="GET", path="/me", handler=whoami, summary="", tag="", replies={200: None})
    return create_app([route, *health.routes()], Settings(), allow_identified(identify_client)).test_client()


def test_a_route_receives_its_caller(issuer: Issuer, client: FlaskClient) -> None:
    response = client.get("/me", headers={"Authorization": f"Bearer {issuer.token(AUDIENCE, sub='grace')}"})
    assert response.json == {"uid": "grace"}


def test_an_unauthenticated_caller_gets_problem_details(client: FlaskClient) -> None:
    response = client.get("/me")

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.get_json(force=True)["code"] == "unauthenticated"


def test_health_needs_no_token(client: FlaskClient) -> None:
    assert client.get("/health").json == {"status": "ok"}
