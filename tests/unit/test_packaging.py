"""The wheel, and the pins of every environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("functions", "build", "pyproject.toml", "setup.py", "README.md", "LICENSE")
PINS = tuple(sorted((ROOT / "requirements").glob("*.txt")))


def run(*command: str | Path, cwd: Path, environ: Mapping[str, str] = {}) -> str:
    """What a command that must succeed prints."""
    process = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environ},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert process.returncode == 0, process.stdout
    return process.stdout


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a wheel is built from."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, copy)
    return copy


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built without the network."""
    target, before = tmp_path_factory.mktemp("wheel"), files(checkout)
    offline = ("--no-deps", "--no-index", "--no-build-isolation")
    run(sys.executable, "-m", "pip", "wheel", *offline, "--wheel-dir", target, ".", cwd=checkout)
    assert files(checkout) == before, "building left something in the checkout"
    (built,) = target.iterdir()
    return built


def test_a_wheel_has_one_package_called_samo_with_every_module_page_file_and_table(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.partition("/")[0] for name in names} == {"samo", "samo-0.1.0.dist-info"}

    sources = {f"samo/{path}" for path in files(ROOT / "functions") if path.endswith((".py", ".toml"))}
    folder = ROOT / "functions" / "journal" / "page"
    page = {f"samo/journal/page/{path}" for path in files(folder) if not path.endswith(".d.ts")}
    client = {f"samo/journal/page/client/{path.name}" for path in (folder / "client").glob("*.js")}
    assert len(client) > 10
    assert {name for name in names if name.startswith("samo/")} == sources | page | client


def test_the_installed_command_runs_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    offline = ("--no-deps", "--no-index", "--quiet")
    run(sys.executable, "-m", "pip", "install", *offline, "--target", site, wheel, cwd=tmp_path)
    environ = {"PYTHONPATH": str(site), "SAMO_MODELS_DIR": str(ROOT / "models")}

    def python(*arguments: str | Path) -> str:
        return run(sys.executable, *arguments, cwd=tmp_path, environ=environ)

    assert "Usage: samo" in python(site / "bin" / "samo", "--help")
    assert "I passed!" in python(site / "bin" / "samo", "predict", "I passed!")
    where = python("-c", "import samo.cli, functions.shared; print(functions.shared.__file__)")
    assert Path(where.strip()).is_relative_to(site / "samo")


@pytest.mark.parametrize("lock", [ROOT / "uv.lock", *PINS], ids=lambda path: path.name)
def test_no_lock_names_a_registry(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert not re.search(r"\b[\w-]+(\.[\w-]+)*\.(org|com|io|net|internal)\b", text)


@pytest.mark.parametrize("lock", PINS, ids=lambda path: path.name)
def test_every_pin_but_that_of_torch_has_hashes(lock: Path) -> None:
    pins = dict(re.findall(r"^([\w.-]+)==(.*(?:\n    .*)*)", lock.read_text(), re.MULTILINE))
    assert pins
    assert {name for name, rest in pins.items() if "--hash=sha256:" not in rest} <= {"torch"}
