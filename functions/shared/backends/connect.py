"""Connects the ports to the backend that the settings name."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from functions.shared.ports import DeadLetters, Ports
from functions.shared.runtime.settings import Settings


class Backend(Protocol):
    """The ports and the dead letters of one backend."""

    @property
    def ports(self) -> Ports: ...

    @property
    def dead_letters(self) -> DeadLetters: ...


def connect(settings: Settings) -> Ports:
    """The ports of the backend that the settings name.

    Raises:
        ConfigurationError: a setting that it needs is missing.
    """
    return _backend(settings).ports


def dead_letters(settings: Settings) -> DeadLetters:
    """The dead letters of that backend; raises as `connect` does."""
    return _backend(settings).dead_letters


@lru_cache(maxsize=1)
def _backend(settings: Settings) -> Backend:
    """One backend per process, so that all parts share its connections."""
    if settings.backend == "gcp":
        from functions.shared.backends.gcp.backend import GoogleBackend

        return GoogleBackend(settings)
    from functions.shared.backends.local.backend import LocalBackend

    return LocalBackend(settings)
