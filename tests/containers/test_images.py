"""The four images as they are deployed: their contents, and that they serve."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.benchmarks import cold_start
from tests.benchmarks.cold_start import Start
from tests.containers import machine
from tests.containers.machine import Image
from tests.support.network import free_port

pytestmark = pytest.mark.containers

MEGABYTE = 1_000_000
EMOTION_AT_MOST = 400 * MEGABYTE
WANTED_RATIO = 3.2
"""Time to the first response of a cold container, relative to a hello world in it."""
ROUNDS = 5 if os.environ.get("HYPOTHESIS_PROFILE") == "verify" else 2
BUILDERS = re.compile(r"(pip[\d.]*|gcc|g\+\+|cc|c\+\+|clang|ld|make|apt|apt-get|perl|cargo|easy_install)")
PACKAGES = re.compile(r"(pip|setuptools|torch|transformers|matplotlib|huggingface_hub|pytest)([-.].*)?")
WRITABLE = "find / \\( -path /proc -o -path /dev \\) -prune -o -writable ! -type l -print 2>/dev/null"
BENCHMARKS = Path(cold_start.__file__).parent
SPEECH = machine.REPOSITORY / "models" / "recordings" / "beckett.wav"
CHECK_BYTE_CODE = """
import importlib.util, itertools, pathlib, sys
tops = (pathlib.Path("/app"), pathlib.Path(sys.base_prefix, "lib/python3.11"))
for source in itertools.chain.from_iterable(top.rglob("*.py") for top in tops):
    code = pathlib.Path(importlib.util.cache_from_source(str(source)))
    head = code.read_bytes()[:8] if code.exists() else b""
    if head != importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little"):
        print(source)
"""
IMPORT_EVERYTHING = """
import functions, importlib, pkgutil
import jwt, cryptography.hazmat.primitives.asymmetric.rsa
import google.cloud.firestore, google.cloud.pubsub_v1, google.cloud.storage
for module in pkgutil.walk_packages(functions.__path__, "functions."):
    if not module.name.endswith((".main", ".whisper")):
        importlib.import_module(module.name)
"""


@contextmanager
def serving(image: Image) -> Iterator[httpx.Client]:
    """Run the public target with a local journal in /tmp; gives a client."""
    port = free_port()
    settings = {
        "PORT": str(port),
        "FUNCTION_TARGET": "serve",
        "SAMO_BACKEND": "local",
        "SAMO_DATA_DIR": "/tmp/journal",
    }
    with (
        machine.running(image, image.config["Entrypoint"], settings=settings) as process,
        httpx.Client(base_url=f"http://localhost:{port}", timeout=120) as client,
    ):
        _await(client, process)
        yield client


def _await(client: httpx.Client, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        try:
            client.get("/health")
        except httpx.ConnectError:
            continue
        return
    pytest.fail(f"not listening: {process.stdout.read() if process.poll() and process.stdout else ''}")


def test_serves_as_its_own_user_with_only_tmp_writable(image: Image) -> None:
    call = cold_start.public(image.name, Path("/app"), SPEECH)
    with serving(image) as client:
        response = client.post(call.path, content=call.body, headers=dict(call.headers))
        assert response.is_success, response.text
        assert call.expected in response.text
    assert image.config["User"] == "10001:10001"
    assert machine.output(image, "id", "-u") == (0, "10001\n")
    assert machine.output(image, "sh", "-c", WRITABLE)[1] == "/tmp\n"


def test_contains_no_build_tools_and_no_other_function(image: Image) -> None:
    names = {path.name for path in image.root.glob("usr/*bin/*")}
    names |= {path.name for path in image.root.glob("usr/local/*bin/*")}
    names |= {path.name for path in image.root.glob("app/.venv/bin/*")}
    assert sorted(filter(BUILDERS.fullmatch, names)) == []
    packages = [path.name for path in image.root.glob("**/site-packages/*")]
    packages += [path.name for path in image.root.glob("usr/lib/python3*/dist-packages/*")]
    assert "flask" in packages
    assert sorted(filter(PACKAGES.fullmatch, packages)) == []
    functions = {path.name for path in (image.root / "app" / "functions").iterdir() if path.is_dir()}
    dictation = {"dictation"} if image.name == "transcription" else set()
    assert functions == {"shared", image.name, "__pycache__"} | dictation


def test_contains_the_models_of_its_manifest_and_no_others(image: Image) -> None:
    folders = {path.name for path in (image.root / "app" / "models").iterdir() if path.is_dir()}
    assert folders == set(cold_start.MODELS[image.name])
    verify = ("python", "-m", "functions.shared.runtime.artifacts", "verify", "/app/models")
    assert machine.output(image, *verify) == (0, "")


def test_all_byte_code_is_independent_of_file_times(image: Image) -> None:
    assert machine.output(image, "python", "-c", CHECK_BYTE_CODE) == (0, "")


def test_no_module_imports_a_pruned_package(image: Image) -> None:
    assert machine.output(image, "python", "-c", IMPORT_EVERYTHING) == (0, "")


def test_has_labels(image: Image) -> None:
    labels = image.config["Labels"]
    assert labels["org.opencontainers.image.title"] == f"samo-{image.name}"
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert f"FUNCTION_SOURCE=/app/functions/{image.name}/main.py" in image.config["Env"]


def test_size(image: Image, measured: Callable[[str], None]) -> None:
    sizes = [path.stat().st_size for path in image.files()]
    measured(f"{image.name}: {sum(sizes) / MEGABYTE:.0f} MB unpacked, {len(sizes)} files")
    assert image.name != "emotion" or sum(sizes) <= EMOTION_AT_MOST


def test_every_cold_start_gives_the_expected_response(image: Image, measured: Callable[[str], None]) -> None:
    """Durations are printed but not asserted, because they depend on the machine's load."""
    busy = os.getloadavg()[0]
    starts = _starts(image)
    for line in cold_start.table(starts):
        measured(line)
    quickest = {name: min(start.seconds for start in timed) for name, timed in starts.items()}
    ratio = quickest[image.name] / quickest["hello"]
    measured(
        f"{image.name}: quickest over quickest hello world {ratio:.2f} (at most {WANTED_RATIO} is wanted),"
        f" load before {busy:.1f}"
    )
    assert {name: len(timed) for name, timed in starts.items()} == dict.fromkeys(starts, ROUNDS)


def _starts(image: Image) -> dict[str, list[Start]]:
    files = [BENCHMARKS / "cold_start.py", BENCHMARKS / "waiting_entry.py", SPEECH]
    command = ["python", "/tmp/cold_start.py", "--speech", f"/tmp/{SPEECH.name}", "--rounds", str(ROUNDS)]
    status, printed = machine.output(image, *command, "--events", "--json", image.name, files=files)
    assert status == 0, printed
    return {name: [Start(*fields) for fields in timed] for name, timed in json.loads(printed).items()}
