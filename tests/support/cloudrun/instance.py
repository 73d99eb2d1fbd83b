"""One service instance: functions-framework serving one target, started as in the image."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from tests.support.cloudrun.memory import MemoryGroup
from tests.support.cloudrun.records import Records
from tests.support.network import free_port

ROOT = Path(__file__).parents[3]
START_S = 120.0
COMMAND = (sys.executable, "-m", "functions_framework")


class Instance:
    """A process that may be killed; `start` restarts it.

    Args:
        wrapper: a command prefix, such as faketime.
        group: the memory control group to run in, if any.
    """

    def __init__(
        self,
        service: str,
        environment: Mapping[str, str],
        records: Records,
        wrapper: tuple[str, ...] = (),
        group: MemoryGroup | None = None,
    ) -> None:
        self._service = service
        self.port = free_port()
        self._environment = {**environment, "HOST": "127.0.0.1", "PORT": str(self.port)}
        self._records = records
        self._command = [*wrapper, *COMMAND]
        self.group = group
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._lock = threading.Lock()
        self.starts = 0

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Starts the process, unless it runs already, and waits until it listens.

        Raises:
            RuntimeError: it exited.
        """
        with self._lock:
            if self.alive:
                return
            self._reap()
            joining = self.group.joining if self.group else []
            self._process = subprocess.Popen(
                [*joining, *self._command],
                cwd=ROOT,
                env=self._environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            self._reader = threading.Thread(target=self._read, args=(self._process,))
            self._reader.start()
            self.starts += 1
            self._await_port(self._process)

    def kill(self) -> None:
        """SIGKILL, as Cloud Run ends a container that is out of memory."""
        self.signal(signal.SIGKILL)

    def freeze(self) -> None:
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)

    def signal(self, number: signal.Signals) -> None:
        """Signals the whole process group: gunicorn and its worker."""
        process = self._process
        if process is not None and process.poll() is None:
            os.killpg(process.pid, number)

    def close(self) -> None:
        with self._lock:
            self.kill()
            self._reap()
            if self.group:
                self.group.close()

    def _reap(self) -> None:
        if self._process is not None:
            self._process.wait()
        if self._reader is not None:
            self._reader.join()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        with process.stderr:
            for line in process.stderr:
                self._records.add(self._service, line.rstrip("\n"))

    def _await_port(self, process: subprocess.Popen[str]) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if _listens(self.port):
                return
            try:
                code = process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            raise RuntimeError(f"{self._service} exited with {code}")
        raise RuntimeError(f"{self._service} did not listen within {START_S:.0f} s")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
