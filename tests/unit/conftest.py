"""A tiny text encoder of the shipped one's shape, so that no unit test depends on trained weights.

Its embedding is the mean of one axis a word ("happy" is joy, "sad" is sadness, the rest is neutral
or nothing), and its logits are that embedding before normalising, scaled and shifted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper, save
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import BertPreTokenizer

SHIPPED = Path(__file__).parents[2] / "models"

LABELS = ("joy", "sadness", "neutral")
THRESHOLDS = (0.5, 0.5, 0.7)
TEMPERATURES = (1.0, 2.0, 1.0)
MAX_LENGTH = 16
_AXES = {"happy": 0, "glad": 0, "sad": 1, "cried": 1, "the": 2, "table": 2, "was": 2, "train": 3, "rain": 4}
_WIDTH = 5
_SCALE, _SHIFT = 16.0, -4.0

INT64, FLOAT = TensorProto.INT64, TensorProto.FLOAT
MakeEncoder = Callable[..., Path]


def _graph(inputs: Sequence[str]) -> ModelProto:
    table = np.zeros((len(_AXES) + 1, _WIDTH), dtype=np.float32)
    for row, axis in enumerate(_AXES.values(), start=1):
        table[row, axis] = 1.0
    weights = {
        "table": table,
        "head": _SCALE * np.eye(_WIDTH, len(LABELS), dtype=np.float32),
        "shift": np.full(len(LABELS), _SHIFT, dtype=np.float32),
        "words": np.asarray([1], dtype=np.int64),
        "last": np.asarray([2], dtype=np.int64),
        "tiny": np.asarray(1e-6, dtype=np.float32),
    }
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["vectors"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["column"]),
        helper.make_node("Mul", ["vectors", "column"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "words"], ["sum"], keepdims=0),
        helper.make_node("ReduceSum", ["mask", "words"], ["count"], keepdims=1),
        helper.make_node("Div", ["sum", "count"], ["pooled"]),
        helper.make_node("MatMul", ["pooled", "head"], ["raw"]),
        helper.make_node("Add", ["raw", "shift"], ["emotions"]),
        helper.make_node("ReduceL2", ["pooled", "words"], ["norm"], keepdims=1),
        helper.make_node("Max", ["norm", "tiny"], ["length"]),
        helper.make_node("Div", ["pooled", "length"], ["embedding"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, INT64, ["batch", "tokens"]) for name in inputs],
        [
            helper.make_tensor_value_info("emotions", FLOAT, ["batch", len(LABELS)]),
            helper.make_tensor_value_info("embedding", FLOAT, ["batch", _WIDTH]),
        ],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def _tokenizer() -> Tokenizer:
    vocabulary = {word: index for index, word in enumerate(["[UNK]", *_AXES])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    return tokenizer


def _config() -> dict[str, object]:
    head = {
        "output": "emotions",
        "labels": LABELS,
        "thresholds": THRESHOLDS,
        "temperatures": TEMPERATURES,
    }
    return {
        "name": "tiny-encoder",
        "version": "1.2.3",
        "max_length": MAX_LENGTH,
        "embedding": {"output": "embedding", "dimensions": _WIDTH},
        "heads": {"emotions": head},
    }


@pytest.fixture
def make_encoder(tmp_path: Path) -> MakeEncoder:
    """Writes an encoder's folder: `inputs` name its graph's inputs, the rest overrides its config."""

    def make(*, inputs: Sequence[str] = ("input_ids", "attention_mask"), **config: object) -> Path:
        folder = tmp_path / "tiny-encoder"
        folder.mkdir()
        save(_graph(inputs), str(folder / "model.onnx"))
        _tokenizer().save(str(folder / "tokenizer.json"))
        (folder / "config.json").write_text(json.dumps(_config() | config))
        return folder

    return make


@pytest.fixture
def tiny_encoder(make_encoder: MakeEncoder) -> Path:
    return make_encoder()


@pytest.fixture(scope="session")
def shipped_models() -> Path:
    """The folder of artifacts as committed."""
    return SHIPPED
