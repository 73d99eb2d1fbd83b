"""Named models come from a hub: the real client, against a small hub on loopback."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.model_hub import REPOSITORY, REVISION, serving

FILES = {"config.json": b"{}", "model.bin": b"weights" * 1000}


@pytest.fixture
def hub() -> Iterator[str]:
    with serving(FILES) as address:
        yield address


def manifest(folder: Path, content: dict[str, bytes]) -> None:
    files = {n: {"sha256": hashlib.sha256(c).hexdigest(), "bytes": len(c)} for n, c in content.items()}
    source = {"kind": "hub", "repository": REPOSITORY, "revision": REVISION}
    artifact = {"version": "1", "description": "", "licence": "MIT", "files": files, "source": source}
    document = {"schema_version": 1, "artifacts": {"some-model": artifact}}
    (folder / "manifest.json").write_text(json.dumps(document))


def fetch(folder: Path, endpoint: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SAMO_MODELS_DIR": str(folder), "HF_ENDPOINT": endpoint}
    environment |= {"HF_HOME": str(folder / "cache"), "HF_HUB_DISABLE_XET": "1"}
    command = [sys.executable, "-m", "functions.cli", "models", "fetch"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_files_of_the_pinned_revision_are_fetched_and_checked(
    hub: str, tmp_path: Path, refusing: str
) -> None:
    manifest(tmp_path, FILES)
    process = fetch(tmp_path, hub)
    assert process.returncode == 0, process.stderr
    assert (tmp_path / "some-model" / "model.bin").read_bytes() == FILES["model.bin"]
    assert "already here" in fetch(tmp_path, f"http://{refusing}").stderr


def test_a_file_with_another_hash_is_rejected_and_removed(hub: str, tmp_path: Path) -> None:
    manifest(tmp_path, {**FILES, "model.bin": b"other weights"})
    process = fetch(tmp_path, hub)
    assert process.returncode == 4
    assert "model.bin" in process.stderr
    assert not (tmp_path / "some-model").exists()


def test_an_unreachable_hub_is_named_in_the_error(tmp_path: Path, refusing: str) -> None:
    manifest(tmp_path, FILES)
    process = fetch(tmp_path, f"http://{refusing}")
    assert process.returncode == 4
    assert REPOSITORY in process.stderr
    assert "Traceback" not in process.stderr
