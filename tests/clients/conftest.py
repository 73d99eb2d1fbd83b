"""A journal that runs, servers that misbehave to order, and every client of them."""

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
    """The address of a journal without accounts, in a process of its own, which all tests share."""
    samo = Samo(tmp_path_factory.mktemp("clients") / "journal")
    yield samo.address
    samo.stop()


@pytest.fixture
def client(kind: type[Client], journal: str) -> Client:
    """A client of the journal that runs."""
    return kind(journal)


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """A server that answers by a script."""
    server = Scripted()
    with serving(server):
        yield server


@pytest.fixture
def storage() -> Iterator[Storage]:
    """What stands for Cloud Storage."""
    server = Storage()
    with serving(server):
        yield server
