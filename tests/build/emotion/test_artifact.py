"""The packaged artifact: files, contract, calibration, model card."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

pytestmark = pytest.mark.build
pytest.importorskip("torch", exc_type=ImportError)

import onnxruntime  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

from build import tokenization  # noqa: E402
from build.emotion import pipeline  # noqa: E402
from build.emotion.evaluation import evaluate  # noqa: E402
from build.emotion.workspace import Workspace  # noqa: E402
from build.errors import ArtifactError  # noqa: E402
from build.evaluation import cross_validation  # noqa: E402
from functions.shared.text.encoder import load_encoder  # noqa: E402
from tests.build.emotion.tiny_run import LABELS  # noqa: E402


def test_artifact_has_exactly_the_expected_files(artifact: Path) -> None:
    names = {path.name for path in artifact.iterdir()}
    assert names == {"model.onnx", "tokenizer.json", "config.json", "MODEL_CARD.md", "LICENSE"}


def test_serving_loads_the_artifact_and_it_has_learned(artifact: Path) -> None:
    encoder = load_encoder(artifact)
    encoded = encoder.encode(["glad and yay", "tears", "the table"])
    assert encoded.embeddings.shape == (3, 16)
    np.testing.assert_allclose(np.linalg.norm(encoded.embeddings, axis=1), 1.0, atol=1e-5)
    np.testing.assert_array_equal(encoded.heads["emotions"].argmax(axis=1), [0, 1, 2])


def test_graph_has_the_expected_inputs_and_outputs(artifact: Path) -> None:
    session = onnxruntime.InferenceSession(artifact / "model.onnx", providers=["CPUExecutionProvider"])
    inputs = [(node.name, node.type, len(node.shape)) for node in session.get_inputs()]
    assert inputs == [("input_ids", "tensor(int64)", 2), ("attention_mask", "tensor(int64)", 2)]
    outputs = {node.name: (node.type, node.shape[-1]) for node in session.get_outputs()}
    widths = {"emotions": 3, "feelings": 2, "topics": 2, "embedding": 16}
    assert outputs == {name: ("tensor(float)", width) for name, width in widths.items()}


def test_tokenizer_neither_pads_nor_truncates(artifact: Path) -> None:
    shipped = Tokenizer.from_file(str(artifact / "tokenizer.json"))
    assert shipped.padding is None
    assert shipped.truncation is None


def test_configuration_has_the_fitted_thresholds(finished: Workspace, artifact: Path) -> None:
    config = json.loads((artifact / "config.json").read_text())
    scores = json.loads(finished.run_dir.evaluation.read_text())["heads"]["emotions"]["int8"]["labels"]
    head = config["heads"]["emotions"]
    assert head["labels"] == list(LABELS)
    assert head["thresholds"] == [score["threshold"] for score in scores]
    assert head["temperatures"] == [score["temperature"] for score in scores]
    assert (config["max_length"], config["embedding"]) == (32, {"output": "embedding", "dimensions": 16})
    assert config["heads"]["feelings"]["labels"] == ["happy", "sad"]
    assert config["heads"]["topics"]["labels"] == ["sleep", "work"]


def test_artifact_computes_the_calibrated_probabilities(finished: Workspace, artifact: Path) -> None:
    """Offsets are in the graph, temperatures in the configuration."""
    texts = ["glad and yay", "tears", "the table was long"]
    served, raw = load_encoder(artifact), load_encoder(finished.run_dir.int8)
    rule = cross_validation.shipped_rule(evaluate.load(finished.run_dir.evaluation).heads["emotions"].int8)
    probabilities = served.head("emotions").probabilities(served.encode(texts).heads["emotions"])
    np.testing.assert_allclose(
        probabilities, rule.scaling.probabilities(raw.encode(texts).heads["emotions"]), atol=1e-4
    )
    assert np.abs(rule.scaling.offsets).max() > 0


def test_manifest_pins_the_files(finished: Workspace, artifact: Path) -> None:
    entry = json.loads((finished.models / "manifest.json").read_text())["artifacts"]["tiny-encoder"]
    assert set(entry["files"]) == {"model.onnx", "tokenizer.json", "config.json"}
    assert all((artifact / name).stat().st_size == pinned["bytes"] for name, pinned in entry["files"].items())
    assert entry["metrics"]["goemotions_dev_macro_f1_int8_crossfitted"] > 0.8


def test_model_card_has_the_measured_figures(finished: Workspace, artifact: Path) -> None:
    card = (artifact / "MODEL_CARD.md").read_text()
    scores = json.loads(finished.run_dir.evaluation.read_text())
    assert f"{scores['heads']['emotions']['int8']['scores']['macro_f1']['value']:.3f}" in card
    assert f"{scores['latency']['torch eager float32']['median_ms']:.2f}" in card
    assert "{" not in card


def test_artifact_gives_the_same_results_in_batches(artifact: Path) -> None:
    encoder = load_encoder(artifact)
    texts = ["glad and yay", "tears and the long day", "the table", "we sat"]
    assert encoder.config.batch > 1
    together = encoder.encode(texts).heads["emotions"]
    alone = np.concatenate([encoder.encode([text]).heads["emotions"] for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-3)


def test_padding_does_not_change_float32_results(finished: Workspace) -> None:
    session = onnxruntime.InferenceSession(
        finished.run_dir.fp32 / "model.onnx", providers=["CPUExecutionProvider"]
    )
    row = [2, 5, 11, 3]
    ids, mask = tokenization.pad_batch([row, [2, *range(4, 16), 3]])
    padded = session.run(None, {"input_ids": ids, "attention_mask": mask})
    ids, mask = tokenization.pad_batch([row])
    alone = session.run(None, {"input_ids": ids, "attention_mask": mask})
    for together, by_itself in zip(padded, alone, strict=True):
        np.testing.assert_allclose(together[:1], by_itself, atol=1e-5)


def test_too_large_model_does_not_ship(finished: Workspace, artifact: Path) -> None:
    before = (artifact / "config.json").read_bytes()
    small = msgspec.structs.replace(finished.config.artifact, max_megabytes=0.001)
    work = finished._replace(config=msgspec.structs.replace(finished.config, artifact=small))
    with pytest.raises(ArtifactError, match="more than"):
        pipeline.package_artifact(work)
    assert (artifact / "config.json").read_bytes() == before
