"""Installing a T5: the hub's real client, a tiny T5, and a hub on localhost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.build
pytest.importorskip("torch", exc_type=ImportError)

import torch  # noqa: E402
from tokenizers import Tokenizer, models  # noqa: E402
from transformers import T5Config, T5ForConditionalGeneration  # noqa: E402

from build.errors import ArtifactError  # noqa: E402
from build.summarization import install_t5  # noqa: E402
from functions.shared.runtime import artifacts  # noqa: E402
from functions.summarization.abstracts.beam_search import DecodingConfig, search  # noqa: E402
from functions.summarization.abstracts.seq2seq import Seq2Seq  # noqa: E402
from tests.support.model_hub import REPOSITORY, REVISION, serving  # noqa: E402

SHAPE: dict[str, int] = {
    "vocab_size": 30, "d_model": 16, "d_kv": 4, "d_ff": 16, "num_layers": 1, "num_heads": 2,
    "pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("t5")
    torch.manual_seed(0)
    T5ForConditionalGeneration(T5Config(**SHAPE)).save_pretrained(folder)  # type: ignore[arg-type]
    words = {word: at for at, word in enumerate(["<pad>", "</s>", "rain", "train"])}
    Tokenizer(models.WordLevel(words, unk_token="rain")).save(str(folder / "tokenizer.json"))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def install(endpoint: str, models_folder: Path, revision: str = REVISION) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "build.summarization.install_t5", "--repository", REPOSITORY]
    command += ["--revision", revision, "--models", str(models_folder)]
    environment = {**os.environ, "HF_ENDPOINT": endpoint, "HF_HOME": str(models_folder / "cache")}
    environment["HF_HUB_DISABLE_XET"] = "1"
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)


def test_t5_is_downloaded_exported_and_pinned(files: dict[str, bytes], tmp_path: Path) -> None:
    with serving(files) as address:
        process = install(address, tmp_path)
    assert process.returncode == 0, process.stderr
    entry = artifacts.load_manifest(tmp_path).artifact("t5-small")
    assert entry.base_model == f"{REPOSITORY}@{REVISION}"
    assert artifacts.problems(tmp_path, "t5-small", entry) == []
    model = Seq2Seq.load(tmp_path / "t5-small")
    assert len(search(model.read([3, 2, 1]), 0, 1, DecodingConfig(beams=2, most=4))) <= 4


def test_weights_that_do_not_match_the_revision_are_rejected(files: dict[str, bytes], tmp_path: Path) -> None:
    with (
        serving(files, stated={"model.safetensors": b"others"}) as address,
        pytest.raises(ArtifactError, match=r"model\.safetensors"),
    ):
        install_t5.install(REPOSITORY, REVISION, "t5-small", "Apache-2.0", tmp_path, address)
    assert not (tmp_path / "t5-small").exists()


def test_missing_revision_is_reported(files: dict[str, bytes], tmp_path: Path) -> None:
    with serving(files) as address, pytest.raises(ArtifactError, match="could not be fetched"):
        install_t5.install(REPOSITORY, "b" * 40, "t5-small", "Apache-2.0", tmp_path, address)
    assert not (tmp_path / "t5-small").exists()


def test_branch_is_rejected_with_one_line_and_exit_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert install_t5.main(["--revision", "main", "--models", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert "not a commit" in error
    assert error.count("\n") == 1
