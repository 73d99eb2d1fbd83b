"""Completes an image's contents, inside the Dockerfile: `python -m build.image --into FOLDER [ARTIFACT …]`.

Fetches and verifies the models and stores them so that they load fast, removes packages that no function
imports from the environment that runs this, and compiles everything to byte code.
"""

from __future__ import annotations

import argparse
import compileall
import shutil
import sys
import sysconfig
import tomllib
from collections.abc import Sequence
from pathlib import Path
from py_compile import PycInvalidationMode

import msgspec

from functions.shared.errors import ArtifactError
from functions.shared.runtime import artifacts
from functions.shared.runtime.artifacts import Artifact, Committed, File, Manifest
from functions.shared.runtime.onnx import GRAPH, unfold

SITE = Path(sysconfig.get_path("purelib"))

UNUSED = (
    "**/tests",
    "**/*.pyi",
    "**/include",
    # for C programs; the Python binding has its own runtime
    "onnxruntime/capi/libonnxruntime.so*",
    *(f"onnxruntime/{name}" for name in ("datasets", "quantization", "tools", "transformers")),
    *(f"numpy/{name}" for name in ("distutils", "f2py", "polynomial", "random", "testing")),
    # admin APIs, and a Cloud Storage API that its client does not use
    *(f"google/cloud/{name}" for name in ("firestore_admin_v1", "firestore_bundle", "_storage_v2")),
    # functions-framework's reloader
    "watchdog*",
    "../../../bin/pip*",
    *(
        f"{name}*"
        for name in ("pip", "pkg_resources", "setuptools", "_distutils_hack", "distutils-precedence")
    ),
)
"""Patterns of files in site-packages that serving never imports."""

ASGI = tuple(f"{name}*" for name in ("anyio", "starlette", "uvicorn"))
"""functions-framework's ASGI server. Only live dictation needs it, whose images also contain `websockets`."""

HUB = tuple(
    f"{name}*"
    for name in (
        "filelock",
        "fsspec",
        "hf_xet",
        "httpcore2",
        "httpx2",
        "huggingface_hub",
        "tqdm",
        "yaml",
        "pyyaml",
    )
)
"""What the tokenizers package uses to download from a hub; our tokenizers are files."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("artifacts", nargs="*", help="names in models/manifest.json")
    parser.add_argument("--into", type=Path, required=True, help="folder that is copied into the image")
    options = parser.parse_args()
    if not SITE.is_relative_to(options.into):
        parser.error(f"this would prune the environment that runs it, which is not in {options.into}")
    try:
        bake(Path("models"), options.into / "models", options.artifacts)
    except ArtifactError as error:
        print(f"The image cannot be built: {error}", file=sys.stderr)
        return 1
    describe(Path("pyproject.toml"), options.into)
    prune(SITE)
    compile_all(options.into)
    return 0


def bake(source: Path, target: Path, names: Sequence[str]) -> None:
    """Copy artifacts into an empty folder and write a manifest of its contents.

    Raises:
        ArtifactError: an artifact cannot be fetched, or differs from the manifest.
    """
    manifest = artifacts.load_manifest(source)
    baked = {name: _baked(source, target, name, manifest.artifact(name)) for name in names}
    target.mkdir(parents=True, exist_ok=True)
    kept = Manifest(schema_version=manifest.schema_version, artifacts=baked)
    (target / "manifest.json").write_bytes(msgspec.json.format(msgspec.json.encode(kept)))


def _baked(source: Path, target: Path, name: str, artifact: Artifact) -> Artifact:
    artifacts.fetch(source, name, artifact)
    artifacts.verify(source, name)
    shutil.copytree(source / name, target / name, ignore=shutil.ignore_patterns(GRAPH))
    if (source / name / GRAPH).is_file():
        unfold(source / name / GRAPH, target / name)
    files = {
        path.name: File(sha256=artifacts.sha256(path), bytes=path.stat().st_size)
        for path in sorted((target / name).iterdir())
    }
    return msgspec.structs.replace(artifact, files=files, source=Committed())


def describe(project: Path, folder: Path) -> None:
    """Write the package metadata that `importlib.metadata` reads."""
    metadata = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    name, version = metadata["name"], metadata["version"]
    about = folder / f"{name}-{version}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def prune(site: Path) -> None:
    """Remove `UNUSED` from a site-packages folder, and `HUB` and `ASGI` if nothing there needs them."""
    hub = HUB if (site / "huggingface_hub").exists() else ()
    asgi = () if (site / "websockets").exists() else ASGI
    for pattern in (*UNUSED, *hub, *asgi):
        for path in list(site.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def compile_all(folder: Path) -> None:
    """Compile to byte code that does not depend on file times, so that nothing is written at run time.

    Raises:
        SystemExit: a file does not compile.
    """
    mode = PycInvalidationMode.UNCHECKED_HASH
    if not compileall.compile_dir(folder, quiet=1, force=True, invalidation_mode=mode):
        raise SystemExit(f"{folder} contains Python files that do not compile")


if __name__ == "__main__":
    sys.exit(main())
