"""A T5 becomes an artifact: the hub's real client, a small T5, a small hub on loopback."""

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

from functions.shared.runtime import artifacts  # noqa: E402
from functions.summarization.beam_search import DecodingConfig, search  # noqa: E402
from functions.summarization.seq2seq import Seq2Seq  # noqa: E402
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


def test_a_t5_is_fetched_exported_and_pinned(files: dict[str, bytes], tmp_path: Path) -> None:
    with serving(files) as address:
        done = install(address, tmp_path)
    assert done.returncode == 0, done.stderr
    entry = artifacts.load_manifest(tmp_path).artifact("t5-small")
    assert entry.base_model == f"{REPOSITORY}@{REVISION}"
    assert artifacts.problems(tmp_path, "t5-small", entry) == []
    model = Seq2Seq.load(tmp_path / "t5-small")
    assert len(search(model.read([3, 2, 1]), 0, 1, DecodingConfig(beams=2, most=4))) <= 4


def test_weights_that_are_not_the_revision_s_are_refused(files: dict[str, bytes], tmp_path: Path) -> None:
    with serving(files, stated={"model.safetensors": b"others"}) as address:
        done = install(address, tmp_path)
    assert done.returncode == 1
    assert "model.safetensors" in done.stderr
    assert not (tmp_path / "t5-small").exists()


@pytest.mark.parametrize(("revision", "said"), [("main", "no commit"), ("b" * 40, "could not be fetched")])
def test_what_pins_nothing_or_is_not_there_is_named(
    files: dict[str, bytes], tmp_path: Path, revision: str, said: str
) -> None:
    with serving(files) as address:
        done = install(address, tmp_path, revision)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
