"""An artifact is replaced whole or not at all, and the manifest keeps what others wrote."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest

from build import artifact_store
from build.errors import ArtifactError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def put(text: str, name: str = "model.onnx") -> artifact_store.Writer:
    def write(folder: Path) -> None:
        (folder / name).write_text(text)

    return write


def test_installs_into_a_place_that_was_empty(tmp_path: Path) -> None:
    artifact_store.install(tmp_path / "models" / "one", put("new"))
    assert (tmp_path / "models" / "one" / "model.onnx").read_text() == "new"
    assert names(tmp_path / "models") == ["one"]


def test_nothing_of_the_old_artifact_stays(tmp_path: Path) -> None:
    artifact_store.install(tmp_path / "one", put("old", "stale.onnx"))
    artifact_store.install(tmp_path / "one", put("new"))
    assert names(tmp_path / "one") == ["model.onnx"]
    assert names(tmp_path) == ["one"]


def test_an_error_while_writing_leaves_the_old_artifact(tmp_path: Path) -> None:
    artifact_store.install(tmp_path / "one", put("old"))

    def fail(folder: Path) -> None:
        (folder / "model.onnx").write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        artifact_store.install(tmp_path / "one", fail)
    assert (tmp_path / "one" / "model.onnx").read_text() == "old"
    assert names(tmp_path) == ["one"]


def test_an_error_while_swapping_puts_the_old_artifact_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact_store.install(tmp_path / "one", put("old"))
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError("refused")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="refused"):
        artifact_store.install(tmp_path / "one", put("new"))
    assert (tmp_path / "one" / "model.onnx").read_text() == "old"
    assert names(tmp_path) == ["one"]


def test_pins_digest_and_size(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    digest = hashlib.sha256(b"abc").hexdigest()
    assert artifact_store.pin(tmp_path, ["a"]) == {"a": {"sha256": digest, "bytes": 3}}


def test_a_file_to_pin_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"lacks config\.json"):
        artifact_store.pin(tmp_path, ["config.json"])


def test_entering_keeps_what_others_wrote(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(
        '{"schema_version": 1, "note": "kept", "artifacts": {"other": {"x": 1}, "one": {"old": 1}}}'
    )
    artifact_store.enter(path, "one", {"version": "2"})
    assert msgspec.json.decode(path.read_bytes()) == {
        "schema_version": 1,
        "note": "kept",
        "artifacts": {"other": {"x": 1}, "one": {"version": "2"}},
    }


def test_the_first_entry_makes_the_manifest(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    artifact_store.enter(path, "one", {"version": "1"})
    assert msgspec.json.decode(path.read_bytes()) == {
        "schema_version": 1,
        "artifacts": {"one": {"version": "1"}},
    }


@pytest.mark.parametrize("content", ['{"schema_version": 2, "artifacts": {}}', "[]", "{", ""])
def test_a_manifest_that_cannot_be_kept_is_refused_untouched(tmp_path: Path, content: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(content)
    with pytest.raises(ArtifactError, match=r"manifest\.json"):
        artifact_store.enter(path, "one", {})
    assert path.read_text() == content
