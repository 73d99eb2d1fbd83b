"""Terraform, called as a user would; or the command that TERRAFORM names, which checks a
configuration where no provider can be downloaded: COMMAND validate|test|fmt-check DIR.
"""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[2]
CODE = ROOT / "terraform"
READ = (
    "functions/shared/backends/gcp/indexes.json",
    "functions/shared/backends/gcp/firestore.rules",
    "docs/runbook.md",
)
"""What configurations and their tests read outside of their folder."""
REMEDY = "install terraform 1.11 or newer; needs its registry, or TERRAFORM=a command that does without"
CHECKOV_REMEDY = "run: make .venv/checkov"
EXAMPLE = "-var-file=../example.tfvars"

Command = tuple[str, ...]


class Outcome(msgspec.Struct, frozen=True):
    """How a call ended; `said` is everything it printed."""

    good: bool
    said: str


def available() -> bool:
    """Whether Terraform is here, with a way to its providers' schemas."""
    return shutil.which("terraform") is not None and (bool(_drop_in()) or _registry_answers())


def checkov() -> Path:
    """The scanner has an environment of its own: what it depends on is not for us to depend on."""
    return Path(os.environ.get("CHECKOV") or ROOT / ".venv" / "checkov" / "bin" / "checkov")


def validate(folder: Path) -> Outcome:
    return _call(folder, "validate", "-no-color")


def run_tests(folder: Path, file: Path | None = None) -> Outcome:
    """Run the tests of a configuration, or one file of them; an environment's get the example's inputs."""
    inputs = [EXAMPLE] if folder.parent.name == "environments" else []
    only = [f"-filter={file.relative_to(folder)}"] if file else []
    return _call(folder, "test", "-no-color", *inputs, *only)


def formatted(folder: Path) -> Outcome:
    if drop_in := _drop_in():
        return _run([*drop_in, "fmt-check", str(folder)])
    return _run(["terraform", f"-chdir={folder}", "fmt", "-check", "-diff", "-recursive"])


def working_copy(target: Path) -> Path:
    """Copy the configurations, and what they read, so that nothing is left in the checkout."""
    leave_out = shutil.ignore_patterns(".terraform", "*.tfstate*", "terraform.tfvars")
    shutil.copytree(CODE, target / "terraform", ignore=leave_out)
    for path in READ:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, target / path)
    return target / "terraform"


def configurations(root: Path) -> list[Path]:
    """Every folder that `terraform` is called in, cheapest first."""
    return [*sorted((root / "modules").iterdir()), root / "bootstrap", *environments(root)]


def environments(root: Path) -> list[Path]:
    return [root / "environments" / name for name in ("dev", "staging", "prod")]


def _call(folder: Path, *command: str) -> Outcome:
    if drop_in := _drop_in():
        return _run([*drop_in, command[0], str(folder), *command[1:]])
    init = _run(["terraform", f"-chdir={folder}", "init", "-backend=false", "-input=false", "-no-color"])
    return _run(["terraform", f"-chdir={folder}", *command]) if init.good else init


def _run(command: list[str]) -> Outcome:
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return Outcome(done.returncode == 0, done.stdout)


def _drop_in() -> list[str]:
    return shlex.split(os.environ.get("TERRAFORM", ""))


def _registry_answers() -> bool:
    try:
        socket.create_connection(("registry.terraform.io", 443), timeout=3).close()
    except OSError:
        return False
    return True
