"""From rows to artifact with a tiny network: every step for real, only smaller."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

pytestmark = pytest.mark.build
pytest.importorskip("torch", exc_type=ImportError)

import onnxruntime  # noqa: E402
import torch  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors  # noqa: E402

from build import tokens  # noqa: E402
from build.base_model import BaseModel  # noqa: E402
from build.data import goemotions  # noqa: E402
from build.emotion import checkpoint, config, evaluate, steps  # noqa: E402
from build.emotion import model as network  # noqa: E402
from build.emotion.run import Run  # noqa: E402
from build.emotion.steps import Workspace  # noqa: E402
from build.errors import ArtifactError, CheckpointError  # noqa: E402
from build.evaluation import crossfit  # noqa: E402
from build.quantisation import export  # noqa: E402
from functions.shared.encoder import load_encoder  # noqa: E402

SHAPE = {
    "model_type": "bert",
    "vocab_size": 64,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 48,
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-12,
    "type_vocab_size": 2,
    "pad_token_id": 0,
}
LABELS = ("joy", "sadness", "neutral")
WORDS = {"joy": ["glad", "yay"], "sadness": ["sad", "tears"], "neutral": ["table", "chair"]}
FILLERS = ["the", "day", "was", "long", "and", "we", "sat"]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Two threads on a busy machine wait for each other more than they work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> BaseModel:
    folder = tmp_path_factory.mktemp("base")
    (folder / "config.json").write_text(json.dumps(SHAPE))
    tokenizer().save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    bert = network.empty(folder / "config.json", len(LABELS), 0.0).bert
    save_file(bert.state_dict(), folder / "model.safetensors")
    return BaseModel(folder)


def tokenizer() -> Tokenizer:
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        *FILLERS,
        *(word for each in WORDS.values() for word in each),
    ]
    made = Tokenizer(models.WordPiece({word: at for at, word in enumerate(words)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    made.enable_padding(length=32)
    made.enable_truncation(8)
    return made


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "labels.txt").write_text("\n".join(LABELS))
    for split, rows, seed in (("train", 320, 1), ("dev", 120, 2)):
        random = np.random.default_rng(seed)
        (folder / f"{split}.tsv").write_text("".join(row(random, at) for at in range(rows)))
    return folder


def row(random: np.random.Generator, at: int) -> str:
    labels = sorted(random.choice(3, size=random.integers(1, 3), replace=False).tolist())
    words = [str(random.choice(WORDS[LABELS[label]])) for label in labels]
    words += random.choice(FILLERS, size=random.integers(1, 12)).tolist()
    return f"{' '.join(words)}\t{','.join(map(str, labels))}\tid{at}\n"


def settings(name: str = "tiny", **training: Any) -> config.Config:
    recipe = {"epochs": 6, "batch_size": 16, "learning_rate": 0.01, "bf16": False, "dropout": 0.0, **training}
    raw = {
        "name": name,
        "seed": 3,
        "threads": 1,
        "training": recipe,
        "thresholds": {"repeats": 2},
        "artifact": {"name": "tiny-encoder", "version": "0.0.1", "description": "Tiny", "max_length": 32},
    }
    return msgspec.convert(raw, config.Config)


def workspace(root: Path, base: BaseModel, data: Path, made: config.Config) -> Workspace:
    run = Run(root / "runs", made)
    run.open()
    return Workspace(made, run, data, base, root / "models")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, base: BaseModel, data: Path) -> Workspace:
    work = workspace(tmp_path_factory.mktemp("work"), base, data, settings())
    for step in steps.ORDER:
        steps.STEPS[step](work)
    return work


@pytest.fixture(scope="module")
def artifact(done: Workspace) -> Path:
    return done.models / "tiny-encoder"


def test_the_folder_holds_what_ships_and_nothing_else(artifact: Path) -> None:
    names = {path.name for path in artifact.iterdir()}
    assert names == {"model.onnx", "tokenizer.json", "config.json", "MODEL_CARD.md", "LICENSE"}


def test_the_serving_code_reads_the_artifact_and_it_has_learned(artifact: Path) -> None:
    encoder = load_encoder(artifact)
    encoded = encoder.encode(["glad and yay", "tears", "the table"])
    assert encoded.embeddings.shape == (3, 16)
    np.testing.assert_allclose(np.linalg.norm(encoded.embeddings, axis=1), 1.0, atol=1e-5)
    np.testing.assert_array_equal(encoded.heads["emotions"].argmax(axis=1), [0, 1, 2])


def test_the_graph_keeps_its_contract(artifact: Path) -> None:
    session = onnxruntime.InferenceSession(artifact / "model.onnx", providers=["CPUExecutionProvider"])
    inputs = [(each.name, each.type, len(each.shape)) for each in session.get_inputs()]
    assert inputs == [("input_ids", "tensor(int64)", 2), ("attention_mask", "tensor(int64)", 2)]
    outputs = {each.name: (each.type, each.shape[-1]) for each in session.get_outputs()}
    assert outputs == {"emotions": ("tensor(float)", 3), "embedding": ("tensor(float)", 16)}


def test_the_tokenizer_neither_pads_nor_truncates(artifact: Path) -> None:
    shipped = Tokenizer.from_file(str(artifact / "tokenizer.json"))
    assert shipped.padding is None
    assert shipped.truncation is None


def test_the_configuration_carries_the_fitted_thresholds(done: Workspace, artifact: Path) -> None:
    found = json.loads((artifact / "config.json").read_text())
    scores = json.loads(done.run.evaluation.read_text())["heads"]["emotions"]["int8"]["labels"]
    head = found["heads"]["emotions"]
    assert head["labels"] == list(LABELS)
    assert head["thresholds"] == [score["threshold"] for score in scores]
    assert head["temperatures"] == [score["temperature"] for score in scores]
    assert (found["max_length"], found["embedding"]) == (32, {"output": "embedding", "dimensions": 16})


def test_the_artifact_says_the_calibrated_probabilities_of_the_record(
    done: Workspace, artifact: Path
) -> None:
    """The offsets went into the graph, the temperatures into the configuration."""
    texts = ["glad and yay", "tears", "the table was long"]
    served, raw = load_encoder(artifact), load_encoder(done.run.int8)
    fitted = crossfit.recall(evaluate.load(done.run.evaluation).heads["emotions"].int8)
    found = served.head("emotions").probabilities(served.encode(texts).heads["emotions"])
    np.testing.assert_allclose(
        found, fitted.scaling.probabilities(raw.encode(texts).heads["emotions"]), atol=1e-4
    )
    assert np.abs(fitted.scaling.offsets).max() > 0


def test_the_manifest_pins_the_files_that_lie_there(done: Workspace, artifact: Path) -> None:
    entry = json.loads((done.models / "manifest.json").read_text())["artifacts"]["tiny-encoder"]
    assert set(entry["files"]) == {"model.onnx", "tokenizer.json", "config.json"}
    assert all((artifact / name).stat().st_size == pinned["bytes"] for name, pinned in entry["files"].items())
    assert entry["metrics"]["goemotions_dev_macro_f1_int8_crossfitted"] > 0.8


def test_the_card_tells_the_measured_figures(done: Workspace, artifact: Path) -> None:
    card = (artifact / "MODEL_CARD.md").read_text()
    scores = json.loads(done.run.evaluation.read_text())
    assert f"{scores['heads']['emotions']['int8']['scores']['macro_f1']['value']:.3f}" in card
    assert f"{scores['latency']['torch eager float32']['median_ms']:.2f}" in card
    assert "{" not in card


def test_quantisation_keeps_nearly_all(done: Workspace) -> None:
    scores = json.loads(done.run.evaluation.read_text())
    assert abs(scores["heads"]["emotions"]["int8_minus_fp32"]["macro_f1"]["value"]) < 0.1


def test_padding_does_not_change_a_text_in_float32(done: Workspace) -> None:
    session = onnxruntime.InferenceSession(done.run.fp32 / "model.onnx", providers=["CPUExecutionProvider"])
    row = [2, 5, 11, 3]
    ids, mask = tokens.pad([row, [2, *range(4, 16), 3]])
    padded = session.run(None, {"input_ids": ids, "attention_mask": mask})
    ids, mask = tokens.pad([row])
    alone = session.run(None, {"input_ids": ids, "attention_mask": mask})
    for together, by_itself in zip(padded, alone, strict=True):
        np.testing.assert_allclose(together[:1], by_itself, atol=1e-5)


def test_the_curve_has_a_point_an_epoch_and_the_loss_falls(done: Workspace) -> None:
    curve = done.run.read_curve()
    assert [point["epoch"] for point in curve] == [1, 2, 3, 4, 5, 6]
    assert curve[-1]["dev_loss"] < curve[0]["dev_loss"]


def test_a_finished_training_is_not_repeated(done: Workspace) -> None:
    before = done.run.checkpoint.stat().st_mtime_ns
    steps.train(done)
    assert done.run.checkpoint.stat().st_mtime_ns == before


def test_an_interrupted_training_ends_as_an_unbroken_one(
    done: Workspace, tmp_path: Path, base: BaseModel, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = workspace(tmp_path, base, data, done.config)
    save = checkpoint.save

    def save_then_stop(*arguments: Any) -> None:
        save(*arguments)
        if arguments[-1] == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save", save_then_stop)
        with pytest.raises(KeyboardInterrupt):
            steps.train(work)
    steps.train(work)
    assert_same_weights(done, work)


def assert_same_weights(first: Workspace, second: Workspace) -> None:
    states = [torch.load(each.run.checkpoint, weights_only=True)["model"] for each in (first, second)]
    assert states[0].keys() == states[1].keys()
    for name in states[0]:
        torch.testing.assert_close(states[0][name], states[1][name])


def test_a_run_folder_of_other_settings_is_refused(done: Workspace) -> None:
    with pytest.raises(CheckpointError, match="other settings"):
        Run(done.run.folder.parent, settings(epochs=9)).open()


def test_exporting_needs_a_training(tmp_path: Path, base: BaseModel, data: Path) -> None:
    with pytest.raises(CheckpointError, match="no checkpoint"):
        steps.to_onnx(workspace(tmp_path, base, data, settings()))


def test_a_graph_of_another_network_is_refused(done: Workspace, base: BaseModel) -> None:
    torch.manual_seed(99)
    other = network.empty(base.config, len(LABELS), 0.0).eval()
    with pytest.raises(ArtifactError, match="from torch"):
        export.check_parity(other, done.run.fp32 / "model.onnx")


def test_a_model_that_is_too_large_does_not_ship(done: Workspace, artifact: Path) -> None:
    before = (artifact / "config.json").read_bytes()
    small = msgspec.structs.replace(done.config.artifact, max_megabytes=0.001)
    work = done._replace(config=msgspec.structs.replace(done.config, artifact=small))
    with pytest.raises(ArtifactError, match="more than"):
        steps.ship(work)
    assert (artifact / "config.json").read_bytes() == before


def test_the_head_starts_at_the_labels_base_rates(base: BaseModel, data: Path) -> None:
    examples = goemotions.load(data, "train")
    model = network.from_base(base, len(LABELS), 0.0)
    network.start_at_base_rates(model, examples.targets)
    rates = torch.sigmoid(model.head.bias.detach()).numpy()
    np.testing.assert_allclose(rates, examples.targets.mean(axis=0), atol=1e-5)
