"""Artifacts are replaced atomically, and the manifest keeps other entries."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest

from build import artifact_store
from build.errors import ArtifactError


def file_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def writer(text: str, name: str = "model.onnx") -> artifact_store.Writer:
    def write(folder: Path) -> None:
        (folder / name).write_text(text)

    return write


def test_creates_a_new_folder(tmp_path: Path) -> None:
    artifact_store.replace_folder(tmp_path / "models" / "one", writer("new"))
    assert (tmp_path / "models" / "one" / "model.onnx").read_text() == "new"
    assert file_names(tmp_path / "models") == ["one"]


def test_replacing_removes_all_old_files(tmp_path: Path) -> None:
    artifact_store.replace_folder(tmp_path / "one", writer("old", "stale.onnx"))
    artifact_store.replace_folder(tmp_path / "one", writer("new"))
    assert file_names(tmp_path / "one") == ["model.onnx"]
    assert file_names(tmp_path) == ["one"]


def test_write_error_keeps_the_old_artifact(tmp_path: Path) -> None:
    artifact_store.replace_folder(tmp_path / "one", writer("old"))

    def fail(folder: Path) -> None:
        (folder / "model.onnx").write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        artifact_store.replace_folder(tmp_path / "one", fail)
    assert (tmp_path / "one" / "model.onnx").read_text() == "old"
    assert file_names(tmp_path) == ["one"]


def test_swap_error_restores_the_old_artifact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    artifact_store.replace_folder(tmp_path / "one", writer("old"))
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError("refused")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="refused"):
        artifact_store.replace_folder(tmp_path / "one", writer("new"))
    assert (tmp_path / "one" / "model.onnx").read_text() == "old"
    assert file_names(tmp_path) == ["one"]


def test_pins_digest_and_size(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    digest = hashlib.sha256(b"abc").hexdigest()
    assert artifact_store.pin_files(tmp_path, ["a"]) == {"a": {"sha256": digest, "bytes": 3}}


def test_pinning_a_missing_file_fails(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"lacks config\.json"):
        artifact_store.pin_files(tmp_path, ["config.json"])


def test_manifest_update_keeps_other_entries(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(
        '{"schema_version": 1, "note": "kept", "artifacts": {"other": {"x": 1}, "one": {"old": 1}}}'
    )
    artifact_store.update_manifest(path, "one", {"version": "2"})
    assert msgspec.json.decode(path.read_bytes()) == {
        "schema_version": 1,
        "note": "kept",
        "artifacts": {"other": {"x": 1}, "one": {"version": "2"}},
    }


def test_first_entry_creates_the_manifest(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    artifact_store.update_manifest(path, "one", {"version": "1"})
    assert msgspec.json.decode(path.read_bytes()) == {
        "schema_version": 1,
        "artifacts": {"one": {"version": "1"}},
    }


@pytest.mark.parametrize("content", ['{"schema_version": 2, "artifacts": {}}', "[]", "{", ""])
def test_invalid_manifest_is_rejected_and_unchanged(tmp_path: Path, content: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(content)
    with pytest.raises(ArtifactError, match=r"manifest\.json"):
        artifact_store.update_manifest(path, "one", {})
    assert path.read_text() == content
