"""build.image: the contents of an image, and the inputs it rejects."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from build import image
from functions.shared.errors import ArtifactError
from functions.shared.runtime import artifacts
from functions.shared.text.encoder import ENCODER, load_encoder
from tests.containers.machine import DOCKERFILE, REPOSITORY

MODELS = REPOSITORY / "models"
TEXTS = ("I passed, and I am so happy now!", "We had soup for dinner.", "Why would he say that to me?")


def test_a_baked_encoder_gives_bit_identical_results(tmp_path: Path) -> None:
    image.bake(MODELS, tmp_path, [ENCODER])
    baked = load_encoder(tmp_path / ENCODER).encode(TEXTS)
    shipped = load_encoder(MODELS / ENCODER).encode(TEXTS)
    assert np.array_equal(baked.embeddings, shipped.embeddings)
    assert all(np.array_equal(baked.heads[name], logits) for name, logits in shipped.heads.items())


def test_a_baked_folder_contains_the_requested_artifacts_and_can_be_verified(tmp_path: Path) -> None:
    image.bake(MODELS, tmp_path, ["extractive-summarizer"])
    artifacts.verify(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["extractive-summarizer", "manifest.json"]
    (tmp_path / "extractive-summarizer" / "config.json").write_text("{}")
    with pytest.raises(ArtifactError, match=r"config\.json does not match the manifest"):
        artifacts.verify(tmp_path)


def test_a_model_that_differs_from_the_manifest_is_rejected(tmp_path: Path) -> None:
    source = tmp_path / "models"
    source.mkdir()
    shutil.copy(MODELS / "manifest.json", source)
    shutil.copytree(MODELS / "extractive-summarizer", source / "extractive-summarizer")
    (source / "extractive-summarizer" / "config.json").write_text("{}")
    with pytest.raises(ArtifactError, match="is part of the repository; restore it"):
        image.bake(source, tmp_path / "image", ["extractive-summarizer"])


def test_without_a_package_index_the_error_names_the_package_and_the_remedy(tmp_path: Path) -> None:
    shutil.copy(MODELS / "manifest.json", tmp_path)
    command = [
        sys.executable,
        "-m",
        "functions.shared.runtime.artifacts",
        "fetch",
        str(tmp_path),
        "silero-vad",
    ]
    settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}
    run = subprocess.run(
        command, cwd=REPOSITORY, env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "faster-whisper==1.2.1 could not be downloaded" in run.stderr
    assert "check that pip reaches its package index" in run.stderr


def test_an_environment_outside_the_image_is_never_pruned(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "build.image", "--into", str(tmp_path)]
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "would prune" in run.stderr


def test_the_dockerfile_passes_its_linter() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    run = subprocess.run([linter, "--format=json", DOCKERFILE], capture_output=True, text=True, check=False)
    assert json.loads(run.stdout) == []
