"""Google's clients are imported when the port that needs them is first used, not earlier."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.cloud import Cloud

SCRIPT = """
import io, sys
from functions.shared.backends import connect
from functions.shared.runtime import settings
from functions.shared.domain.entries import EntryKey, Event, EventType

HEAVY = ("google.", "grpc", "requests", "urllib3")
CLIENTS = ("google.cloud.firestore", "google.cloud.storage", "google.pubsub", "google.cloud.pubsub")

def loaded():
    return {client for client in CLIENTS for name in sys.modules if (name + ".").startswith(client)}

ports = connect.connect(settings.load())
letters = connect.dead_letters(settings.load())
early = {name for name, module in sys.modules.items() if name.startswith(HEAVY) and module.__spec__.origin}
assert not early, early

key = EntryKey("ada", "first")
USES = {
    "audio": lambda: ports.audio.find(key),
    "bus": lambda: ports.bus.publish(
        Event(type=EventType.TRANSCRIBED, uid="ada", entry_id="first", revision=1)
    ),
    "store": lambda: ports.store.get(key),
    "letters": lambda: letters.pull(1),
}
USES[sys.argv[1]]()
print(*sorted(loaded()))
"""

NEEDED = {
    "audio": {"google.cloud.storage"},
    "bus": {"google.pubsub"},
    "store": {"google.cloud.firestore"},
    "letters": {"google.pubsub"},
}


@pytest.mark.emulators
@pytest.mark.parametrize("port", NEEDED)
def test_the_first_use_of_a_port_imports_only_its_own_client(cloud: Cloud, port: str) -> None:
    cloud.set_up()

    script = subprocess.run(
        [sys.executable, "-c", SCRIPT, port],
        env={**os.environ, **cloud.environment()},
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert script.returncode == 0, script.stderr
    assert set(script.stdout.split()) == NEEDED[port]
