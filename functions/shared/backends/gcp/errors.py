"""Translates the errors of Google's clients: which resource failed, and what to do about it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec

from functions.shared.errors import ConfigurationError, SamoError, TemporaryError

T = TypeVar("T")

_GOOGLE_PACKAGES = frozenset({"google", "requests", "urllib3", "grpc"})


class Contended(Exception):
    """Another writer committed first; the whole transaction can be retried."""


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """A Google Cloud resource, described for error messages.

    Attributes:
        name: for example `Pub/Sub topic entries.uploaded of project samo-dev`.
        role: the role that its users need.
        emulator: the environment variable that redirects its client to an emulator.
    """

    name: str
    role: str
    emulator: str


def database(name: str, project: str) -> Resource:
    return Resource(
        name=f"Firestore database {name} of project {project}",
        role="roles/datastore.user",
        emulator="FIRESTORE_EMULATOR_HOST",
    )


def bucket(name: str) -> Resource:
    return Resource(name=f"bucket {name}", role="roles/storage.objectUser", emulator="STORAGE_EMULATOR_HOST")


def topic(name: str, project: str) -> Resource:
    return Resource(
        name=f"Pub/Sub topic {name} of project {project}",
        role="roles/pubsub.publisher",
        emulator="PUBSUB_EMULATOR_HOST",
    )


def subscription(name: str, project: str) -> Resource:
    return Resource(
        name=f"Pub/Sub subscription {name} of project {project}",
        role="roles/pubsub.subscriber",
        emulator="PUBSUB_EMULATOR_HOST",
    )


@contextmanager
def translated(resource: Resource) -> Iterator[None]:
    """Translate errors that Google's clients raise in this context.

    Raises:
        ConfigurationError: something must be set up or granted first.
        TemporaryError: retrying may help.
    """
    try:
        yield
    except Exception as error:
        translation = translate(error, resource)
        if translation is None:
            raise
        raise translation from error


def retry(call: Callable[[], T], resource: Resource, *, seconds: float) -> T:
    """Call until it succeeds, for at most `seconds`, while its errors are temporary.

    Raises as `translated` does.
    """
    from google.api_core.retry import Retry

    retrying: Callable[[Callable[[], T]], Callable[[], T]] = Retry(
        predicate=_is_temporary, initial=0.05, maximum=2.0, multiplier=1.6, timeout=seconds
    )
    with translated(resource):
        return retrying(call)()


def translate(error: Exception, resource: Resource) -> SamoError | None:
    """SAMO's error for one of Google's; None for other errors, and for those that mean a bug in SAMO."""
    if isinstance(error, Contended):
        return TemporaryError(f"{resource.name}: too many writers at once")
    if type(error).__module__.partition(".")[0] not in _GOOGLE_PACKAGES:
        return None
    from google.api_core import exceptions as api
    from google.auth import exceptions as auth

    match error:
        case auth.DefaultCredentialsError():
            return ConfigurationError(
                f"{resource.name}: no Google Cloud credentials; on Cloud Run the service's account has them,"
                " elsewhere run: gcloud auth application-default login"
            )
        case auth.GoogleAuthError() if not error.retryable:
            return ConfigurationError(
                f"{resource.name}: the credentials were refused; run: gcloud auth application-default login"
            )
        case api.Unauthorized():
            return ConfigurationError(f"{resource.name}: the credentials were refused")
        case api.Forbidden():
            return ConfigurationError(
                f"{resource.name}: permission denied; grant this service's account {resource.role}"
                " (terraform apply does)"
            )
        case api.NotFound():
            return ConfigurationError(
                f"{resource.name} does not exist; check SAMO_PROJECT, SAMO_DATABASE and SAMO_BUCKET,"
                " or create it: terraform apply"
            )
        case api.FailedPrecondition():
            return ConfigurationError(
                f"{resource.name}: it is not set up for this query (missing index?); run: terraform apply"
            )
        case api.RetryError() if isinstance(error.cause, Contended):
            return translate(error.cause, resource)
    return TemporaryError(_unreachable(resource)) if _is_temporary(error) else None


def _is_temporary(error: Any) -> bool:
    import requests
    from google.api_core import exceptions as api
    from google.auth import exceptions as auth

    if isinstance(error, auth.GoogleAuthError):
        return bool(error.retryable)
    temporary = (
        Contended,
        api.RetryError,
        api.ServerError,
        api.TooManyRequests,
        api.Aborted,
        api.Cancelled,
        requests.ConnectionError,
        requests.Timeout,
        requests.exceptions.ChunkedEncodingError,
    )
    return isinstance(error, temporary)


def _unreachable(resource: Resource) -> str:
    if host := os.environ.get(resource.emulator):
        return f"{resource.name} is not responding; is the emulator running at {resource.emulator}={host}?"
    return f"{resource.name} is not responding"
