"""`samo run` in a process of its own, and what a test prepares in it without the page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]


class Samo:
    """`samo run` on a data folder; `address` is where its journal answers.

    Args:
        environ: settings beside the usual ones.
        token: what this test's own calls are made with.
    """

    def __init__(
        self, data: Path, port: int | None = None, environ: Mapping[str, str] | None = None, token: str = ""
    ) -> None:
        command = [sys.executable, "-m", "functions.cli", "--data", str(data), "run"]
        if port:
            command += ["--port", str(port)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, **(environ or {})}
        )
        self.address = self._announced().rstrip("/")
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

    def _announced(self) -> str:
        """The address as `samo run` prints it, once it listens there."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if found := re.search(r"http://\S+", line):
                return found.group()
        raise AssertionError(f"samo run ended with {self._process.wait()}")

    # -- what a test may prepare without the page

    def write(self, text: str, **beside: str) -> str:
        """The id of a new typed entry."""
        return self._created(self.client.post("/v1/entries", json={"text": text, **beside}))

    def record(self, recording: Path, **beside: str) -> str:
        """The id of a new spoken entry."""
        with recording.open("rb") as data:
            return self._created(self.client.post("/v1/entries", files={"audio": data}, data=beside))

    def finished(self, entry_id: str) -> dict[str, object]:
        """The entry once it is final: its stream ends then."""
        with self.client.stream("GET", f"/v1/entries/{entry_id}/events") as stream:
            for _ in stream.iter_lines():
                pass
        return dict(self.client.get(f"/v1/entries/{entry_id}").json())

    def _created(self, answer: httpx.Response) -> str:
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


StartSamo = Callable[..., Samo]
