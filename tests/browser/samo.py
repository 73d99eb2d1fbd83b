"""Runs `samo run` in its own process, and prepares entries through its API."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from tests.support.network import free_port

ROOT = Path(__file__).parents[2]


class Samo:
    """`samo run` on a data folder; `address` is the URL of its journal.

    Args:
        port: by default, a free one that no other test gets, even after this journal has stopped.
        environ: additional environment variables.
        token: the ID token for `client`.
    """

    def __init__(
        self, data: Path, port: int | None = None, environ: Mapping[str, str] | None = None, token: str = ""
    ) -> None:
        command = [sys.executable, "-m", "functions.cli", "--data", str(data), "run"]
        command += ["--port", str(port or free_port())]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, **(environ or {})}
        )
        self.address = self._read_address().rstrip("/")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.client = httpx.Client(base_url=self.address, headers=headers, timeout=120)

    @property
    def port(self) -> int:
        return int(self.address.rsplit(":", 1)[1])

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        self.client.close()
        self._process.terminate()
        self._process.communicate(timeout=120)

    def _read_address(self) -> str:
        """The address that `samo run` prints once it is listening."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if match := re.search(r"http://\S+", line):
                return match.group()
        self._process.communicate()
        raise AssertionError(f"samo run ended with {self._process.returncode}")

    # -- preparing entries without the page

    def write(self, text: str, **fields: str) -> str:
        """Create a text entry; returns its id."""
        return self._id_of(self.client.post("/v1/entries", json={"text": text, **fields}))

    def record(self, recording: Path, **fields: str) -> str:
        """Create a voice entry; returns its id."""
        with recording.open("rb") as data:
            return self._id_of(self.client.post("/v1/entries", files={"audio": data}, data=fields))

    def finished(self, entry_id: str) -> dict[str, object]:
        """Wait for an entry's event stream to end, then read the entry."""
        with self.client.stream("GET", f"/v1/entries/{entry_id}/events") as stream:
            for _ in stream.iter_lines():
                pass
        return dict(self.client.get(f"/v1/entries/{entry_id}").json())

    def _id_of(self, response: httpx.Response) -> str:
        assert response.status_code == 201, response.text
        return str(response.json()["id"])


StartSamo = Callable[..., Samo]
