"""Starts Google's Firestore and Pub/Sub emulators and the storage emulator.

`running()` starts them, inside pytest or outside; a `Cloud` is one project on them, with its own bucket,
topics and subscriptions, as Terraform would create them. Projects are cheap, so every test uses a new one.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

import msgspec

from tests.support.cloud import Cloud
from tests.support.network import free_ports

START_S = 120.0
REMEDY = "install Java 17 and google-cloud-cli with its firestore-emulator and pubsub-emulator"
_HEAP = "-Xmx512m"
_DIE_WITH_US = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()
"""Ends the emulators even if this process is killed; the thread that starts them must outlive them."""
RULES = Path(__file__).parents[2] / "functions/shared/backends/gcp/firestore.rules"
"""Security rules for direct client access; calls with the owner's token bypass them."""
_FIRESTORE = "cloud-firestore-emulator/cloud-firestore-emulator.jar"
_FIRESTORE_MAIN = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
_PUBSUB = "pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar"


class Emulators(msgspec.Struct, frozen=True):
    """Their addresses, `host:port`."""

    firestore: str
    pubsub: str
    storage: str

    def environment(self) -> dict[str, str]:
        """Variables that make Google's clients use them."""
        return {
            "FIRESTORE_EMULATOR_HOST": self.firestore,
            "PUBSUB_EMULATOR_HOST": self.pubsub,
            "STORAGE_EMULATOR_HOST": f"http://{self.storage}",
        }

    def cloud(self) -> Cloud:
        """A new project, empty until `Cloud.set_up`."""
        name = f"samo-{uuid.uuid4().hex[:12]}"
        return Cloud(project=name, bucket=f"{name}-audio", environment=self.environment())


def available() -> bool:
    present = shutil.which("java") is not None and find_spec("gcp_storage_emulator") is not None
    return present and _jar(_FIRESTORE) is not None and _jar(_PUBSUB) is not None


@contextmanager
def running() -> Iterator[Emulators]:
    """Runs the three emulators for the duration of the context."""
    emulators = Emulators(*(f"127.0.0.1:{port}" for port in free_ports(3)))
    with ExitStack() as stack:
        serving = [
            (stack.enter_context(_serving(command, emulators.environment())), address)
            for command, address in _commands(emulators)
        ]
        for process, address in serving:
            _await(process, address)
        yield emulators


def _commands(emulators: Emulators) -> Sequence[tuple[list[str], str]]:
    java = ["java", _HEAP, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    firestore, pubsub = _listening(emulators.firestore), _listening(emulators.pubsub)
    port = emulators.storage.rpartition(":")[2]
    return (
        (
            [*java, "-cp", str(_jar(_FIRESTORE)), _FIRESTORE_MAIN, "start", *firestore, f"--rules={RULES}"],
            emulators.firestore,
        ),
        ([*java, "-jar", str(_jar(_PUBSUB)), *pubsub], emulators.pubsub),
        ([sys.executable, "-m", "tests.support.storage_emulator", port], emulators.storage),
    )


def _listening(address: str) -> list[str]:
    host, _, port = address.partition(":")
    return [f"--host={host}", f"--port={port}"]


@contextmanager
def _serving(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [*_DIE_WITH_US, *command],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _await(process: subprocess.Popen[bytes], address: str) -> None:
    """Waits until the emulator responds to HTTP."""
    for _ in range(int(START_S / 0.1)):
        try:
            urllib.request.urlopen(f"http://{address}/", timeout=5).close()
        except urllib.error.HTTPError as answered:
            answered.close()
            return
        except OSError:
            if _ended(process, within_s=0.1):
                raise RuntimeError(f"the emulator at {address} exited with {process.returncode}") from None
        else:
            return
    raise RuntimeError(f"the emulator at {address} did not respond within {START_S:.0f} s")


def _ended(process: subprocess.Popen[bytes], *, within_s: float) -> bool:
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        return False
    return True


def _jar(pattern: str) -> Path | None:
    gcloud = shutil.which("gcloud")
    roots = [Path("/usr/lib/google-cloud-sdk")]
    if gcloud:
        roots.append(Path(gcloud).resolve().parents[1])
    return next((jar for root in roots for jar in (root / "platform").glob(pattern)), None)
