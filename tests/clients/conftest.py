"""A running journal, scripted servers, and all three clients."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.samo import Samo
from tests.clients.drivers import CLIENTS, Client
from tests.clients.scripted import Scripted, Storage, serving


@pytest.fixture(params=["blocking", "awaiting", pytest.param("node", marks=pytest.mark.node)])
def kind(request: pytest.FixtureRequest) -> type[Client]:
    """Each client in turn."""
    return CLIENTS[request.param]


@pytest.fixture(scope="session")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a journal without accounts, in its own process, shared by all tests."""
    samo = Samo(tmp_path_factory.mktemp("clients") / "journal")
    yield samo.address
    samo.stop()


@pytest.fixture
def client(kind: type[Client], journal: str) -> Client:
    """A client of the running journal."""
    return kind(journal)


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """A server that responds from a script."""
    server = Scripted()
    with serving(server):
        yield server


@pytest.fixture
def storage() -> Iterator[Storage]:
    """A stand-in for Cloud Storage."""
    server = Storage()
    with serving(server):
        yield server
