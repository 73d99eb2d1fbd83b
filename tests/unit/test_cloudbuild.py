"""cloudbuild.yaml and its scripts, checked without Cloud Build."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from deploy import shares, smoke
from functions.dictation.app import create_app
from functions.dictation.protocol import Limits
from functions.dictation.registry import DictationRegistry
from functions.laptop.dictation import DictationServer
from functions.shared.access.identity import Caller
from functions.shared.errors import Unauthenticated

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "cloudbuild.yaml").read_text()
BUILD: dict[str, Any] = YAML(typ="safe").load(TEXT)
STEPS: dict[str, dict[str, Any]] = {step["id"]: step for step in BUILD["steps"]}
BUILT_IN = {"PROJECT_ID", "BUILD_ID"}
"""Substitutions that Cloud Build provides."""


def test_the_schema_of_cloud_build_accepts_it() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.cloudbuild"]
    checked = subprocess.run(
        [*command, ROOT / "cloudbuild.yaml"], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_images_pass_the_gate_before_attestation_and_are_attested_and_tried_before_full_deployment() -> None:
    assert list(STEPS) == [
        "test",
        "build",
        "digest",
        "bill-of-materials",
        "gate",
        "attest",
        "push",
        "deployed",
        "shares",
        "plan",
        "apply",
        "smoke",
        "traffic",
    ]
    assert not [step for step in STEPS.values() if "waitFor" in step], "steps run in sequence"
    assert [name for name, step in STEPS.items() if step.get("allowFailure")] == ["smoke"]


def test_every_substitution_used_is_declared_and_every_declared_one_used() -> None:
    code = "\n".join(line for line in TEXT.splitlines() if not line.lstrip().startswith("#"))
    used = set(re.findall(r"\$\{?(_?[A-Z][A-Z_]+)\b", code))

    assert used - BUILT_IN == set(BUILD["substitutions"])
    assert used >= BUILT_IN


def test_every_image_is_named_by_digest_or_exact_version() -> None:
    names = {step["name"] for step in STEPS.values()} - {"${_BASE}"} | {BUILD["substitutions"]["_BASE"]}

    for name in names:
        assert re.search(r"(@sha256:[0-9a-f]{64}|:v?\d+\.\d+\.\d+(-[a-z]+)*)$", name), name
    assert "latest" not in TEXT


def test_every_step_has_a_timeout_and_every_script_stops_at_its_first_error() -> None:
    seconds = [int(step["timeout"].removesuffix("s")) for step in STEPS.values()]

    assert max(seconds) <= int(BUILD["timeout"].removesuffix("s"))
    for step in STEPS.values():
        interpreter = step["script"].splitlines()[0]
        assert interpreter.endswith("sh -e")
        checked = subprocess.run(
            ["bash", "-n"], input=step["script"], text=True, capture_output=True, check=False
        )
        assert checked.returncode == 0, checked.stderr


def test_every_folder_script_dockerfile_and_make_target_exists() -> None:
    everything = "\n".join(step["script"] for step in STEPS.values())
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)

    for environment in ("dev", "staging", "prod"):
        assert (ROOT / "terraform" / "environments" / environment / "main.tf").is_file()
    for script in re.findall(r"python (\S+\.py)", everything):
        assert (ROOT / script).is_file(), script
    for called in re.findall(r"^make (.*)$", everything, re.MULTILINE):
        assert set(called.split()) <= set(targets)
    for dockerfile in re.findall(r"--file (\S+)", everything):
        stages = re.findall(r" AS (\w+)-contents", (ROOT / dockerfile).read_text())
        assert tuple(stages) == shares.CAPABILITIES


def test_every_loop_covers_every_capability() -> None:
    loops = re.findall(r"for name in (.*); do", TEXT)

    assert len(loops) == 5
    assert {tuple(names.split()) for names in loops} == {shares.CAPABILITIES}


def test_bootstrap_creates_the_accounts_attestor_key_registry_and_buckets() -> None:
    bootstrap = "\n".join(path.read_text() for path in (ROOT / "terraform" / "bootstrap").glob("*.tf"))
    accounts = re.search(r"accounts = \{(.*?)\}", bootstrap, re.DOTALL)

    assert accounts is not None
    assert set(re.findall(r"samo-(\w+)@", TEXT)) == set(re.findall(r"(\w+)\s+=", accounts[1]))
    for name in (
        "samo-gate",
        "samo-attestation",
        "images",
        "samo",
        "${var.project}-build",
        "${var.project}-tfstate",
    ):
        assert re.search(rf'(name|repository_id)\s+= "{re.escape(name)}"', bootstrap), name


def test_the_attested_image_is_the_pushed_image() -> None:
    attested = re.search(r"artifact-url=(\S+)@", STEPS["attest"]["script"])
    pushed = re.search(r"docker://(\S+):\$BUILD_ID", STEPS["push"]["script"])

    assert attested
    assert pushed
    assert attested[1] == pushed[1]
    assert "--preserve-digests" in STEPS["push"]["script"]


# -- traffic shares -------------------------------------------------------------------------------

IMAGES = {name: f"registry/{name}@sha256:{'0' * 64}" for name in shares.CAPABILITIES}


def deployed(*parts: str) -> dict[str, Any]:
    """Terraform's output for one service, as `terraform output -json` prints it."""
    service = {"traffic": list(parts)}
    return {
        "samo": {"value": {"services": {"emotion": service}, "revisions": {"emotion": "emotion-00007-new"}}}
    }


def test_a_first_release_gets_all_traffic_at_once() -> None:
    assert {name: file["traffic"] for name, file in shares.release({}, IMAGES, 10).items()} == {
        "trial": {},
        "new": {},
        "traffic": {},
    }


def test_a_trial_takes_its_share_from_the_serving_revision() -> None:
    files = shares.release(deployed("100"), IMAGES, 10)

    assert files["trial"]["traffic"]["emotion"] == [
        {"revision": "emotion-00007-new", "percent": 90},
        {"percent": 10, "tag": "trial"},
    ]
    assert files["traffic"]["traffic"]["emotion"] == [{"revision": "emotion-00007-new", "percent": 100}]
    assert files["new"] == {"images": IMAGES, "traffic": {}}


def test_after_a_rollback_the_restored_revision_serves() -> None:
    files = shares.release(deployed("100 emotion-00003-old", "0 trial"), IMAGES, 10)

    assert files["traffic"]["traffic"]["emotion"] == [{"revision": "emotion-00003-old", "percent": 100}]


@pytest.mark.parametrize("percent", [1, 10, 33, 99])
def test_shares_add_up_to_100_and_keep_the_split_between_models(percent: int) -> None:
    files = shares.release(deployed("67 emotion-00003-a", "33 emotion-00004-b trial"), IMAGES, percent)
    trial = files["trial"]["traffic"]["emotion"]

    assert sum(share["percent"] for share in trial) == 100
    assert trial[-1] == {"percent": percent, "tag": "trial"}
    former = {share["revision"]: share["percent"] for share in trial[:-1]}
    assert former.get("emotion-00004-b", 0) <= former["emotion-00003-a"] + 1


def test_a_trial_may_get_all_traffic() -> None:
    assert shares.trial_shares([{"revision": "emotion-1", "percent": 100}], 100) == [
        {"percent": 100, "tag": "trial"}
    ]


def test_the_script_writes_the_terraform_variables(tmp_path: Path) -> None:
    (tmp_path / "deployed.json").write_text(json.dumps(deployed("100")))
    for name in shares.CAPABILITIES:
        (tmp_path / f"{name}.digest").write_text(f"sha256:{'a' * 64}\n")
    script, state, into = ROOT / "deploy" / "shares.py", tmp_path / "deployed.json", tmp_path / "release"
    command = f"{sys.executable} {script} --deployed {state} --digests {tmp_path} --into {into}"
    subprocess.run([*command.split(), "--share", "10", "--registry", "r"], check=True)

    written = {path.name for path in (tmp_path / "release").iterdir()}
    assert written == {"trial.tfvars.json", "new.tfvars.json", "traffic.tfvars.json"}
    trial = json.loads((tmp_path / "release" / "trial.tfvars.json").read_text())
    assert trial["images"]["emotion"] == f"r/emotion@sha256:{'a' * 64}"
    assert written >= set(re.findall(r"release/(\w+\.tfvars\.json)", TEXT))


# -- the smoke test -------------------------------------------------------------------------------


@pytest.fixture
def deployment() -> Iterator[tuple[str, dict[tuple[str, str], int]]]:
    """A server with configurable responses, by default those of a working deployment."""
    statuses = dict(smoke.EXPECTED)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers["Upgrade"]:
                self.dictate(statuses[smoke.WEBSOCKET, self.path])
                return
            self.send_response(statuses[self.command, self.path])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def dictate(self, code: int) -> None:
            """Close with the code, or refuse the WebSocket if it is an HTTP status."""
            self.send_response(101 if code > 999 else code)
            self.end_headers()
            self.wfile.write(b"\x88\x02" + code.to_bytes(2, "big"))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", statuses
        server.shutdown()
        thread.join()


def test_a_working_deployment_passes(deployment: tuple[str, dict[tuple[str, str], int]]) -> None:
    base, _ = deployment

    assert list(smoke.problems(base, 2)) == []


@pytest.mark.parametrize("status", [200, 403, 500, 503])
def test_a_service_that_accepts_anonymous_calls_or_fails_is_reported(
    deployment: tuple[str, dict[tuple[str, str], int]], status: int
) -> None:
    base, statuses = deployment
    statuses["POST", "/predict"] = status

    assert list(smoke.problems(base, 1)) == [f"POST /predict: {status}, not 401"]


@pytest.mark.parametrize("status", [1000, 4500, 404, 503])
def test_a_dictation_that_accepts_anonymous_calls_or_fails_is_reported(
    deployment: tuple[str, dict[tuple[str, str], int]], status: int
) -> None:
    base, statuses = deployment
    statuses["WEBSOCKET", "/v1/dictation"] = status

    assert list(smoke.problems(base, 1)) == [f"WEBSOCKET /v1/dictation: {status}, not 4401"]


def test_the_real_dictation_closes_anonymous_connections(tmp_path: Path) -> None:
    def reject(token: str | None) -> Caller:
        assert token is None
        raise Unauthenticated("a reason that is too long for a short frame " * 5)

    def never(*_: object) -> Any:
        raise AssertionError

    def dictations() -> DictationRegistry:
        return DictationRegistry(never, never, tmp_path, limits, 1)

    limits = Limits(dictation_s=60.0)
    with DictationServer(create_app(dictations, reject, limits), "127.0.0.1", 0) as server:
        address = server.url("127.0.0.1").replace("ws://", "http://")
        assert smoke.close_code(address) == 4401
    assert smoke.close_code(address) == 0


def test_no_response_fails_the_step() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        command = [sys.executable, str(ROOT / "deploy" / "smoke.py"), address, "--rounds", "1"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ran.returncode == 1
    assert "GET /health: no response, not 200" in ran.stderr
