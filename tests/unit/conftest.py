"""A tiny text encoder with the shipped one's interface, so that no unit test depends on trained weights.

Each word has one axis ("happy" is joy, "sad" is sadness, others are neutral or zero). The embedding is the
normalized mean of the words' axes, and the logits are that mean, scaled and shifted. A head's labels are
consecutive axes, starting at `_FIRST_AXIS`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
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
JOURNAL_LABELS = {"feelings": ("happy", "sad"), "topics": ("home", "travel")}
"""Labels of the optional heads; topics are detected from "table" and "train"."""
_FIRST_AXIS = {"emotions": 0, "feelings": 0, "topics": 2}
_SCALE, _SHIFT = 16.0, -4.0

INT64, FLOAT = TensorProto.INT64, TensorProto.FLOAT
MakeEncoder = Callable[..., Path]


def _graph(inputs: Sequence[str], heads: Mapping[str, Sequence[str]]) -> ModelProto:
    table = np.zeros((len(_AXES) + 1, _WIDTH), dtype=np.float32)
    for row, axis in enumerate(_AXES.values(), start=1):
        table[row, axis] = 1.0
    weights: dict[str, npt.NDArray[Any]] = {
        "table": table,
        "shift": np.asarray(_SHIFT, dtype=np.float32),
        "words": np.asarray([1], dtype=np.int64),
        "last": np.asarray([2], dtype=np.int64),
        "tiny": np.asarray(1e-6, dtype=np.float32),
    }
    for name, labels in heads.items():
        matrix = np.eye(_WIDTH, len(labels), k=-_FIRST_AXIS[name], dtype=np.float32)
        weights[f"{name}_weights"] = _SCALE * matrix
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["vectors"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["column"]),
        helper.make_node("Mul", ["vectors", "column"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "words"], ["sum"], keepdims=0),
        helper.make_node("ReduceSum", ["mask", "words"], ["count"], keepdims=1),
        helper.make_node("Div", ["sum", "count"], ["pooled"]),
        helper.make_node("ReduceL2", ["pooled", "words"], ["norm"], keepdims=1),
        helper.make_node("Max", ["norm", "tiny"], ["length"]),
        helper.make_node("Div", ["pooled", "length"], ["embedding"]),
    ]
    for name in heads:
        nodes.append(helper.make_node("MatMul", ["pooled", f"{name}_weights"], [f"{name}_raw"]))
        nodes.append(helper.make_node("Add", [f"{name}_raw", "shift"], [name]))
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, INT64, ["batch", "tokens"]) for name in inputs],
        [
            *(helper.make_tensor_value_info(name, FLOAT, ["batch", len(heads[name])]) for name in heads),
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


def head_config(name: str, **reading: object) -> dict[str, object]:
    """A head's part of an encoder's config; `reading` configures how it classifies an entry."""
    emotions = name == "emotions"
    config = {
        "labels": LABELS if emotions else JOURNAL_LABELS[name],
        "thresholds": THRESHOLDS if emotions else (0.5, 0.5),
        "temperatures": TEMPERATURES if emotions else (1.0, 1.0),
    }
    return {"output": name, **config, **reading}


def _config() -> dict[str, object]:
    return {
        "name": "tiny-encoder",
        "version": "1.2.3",
        "max_length": MAX_LENGTH,
        "embedding": {"output": "embedding", "dimensions": _WIDTH},
        "heads": {"emotions": head_config("emotions")},
    }


@pytest.fixture
def make_encoder(tmp_path: Path) -> MakeEncoder:
    """Writes an encoder's folder; `inputs` are its graph's inputs, other keywords override its config."""

    def make(*, inputs: Sequence[str] = ("input_ids", "attention_mask"), **config: object) -> Path:
        folder = tmp_path / "tiny-encoder"
        folder.mkdir()
        save(_graph(inputs, {"emotions": LABELS, **JOURNAL_LABELS}), str(folder / "model.onnx"))
        _tokenizer().save(str(folder / "tokenizer.json"))
        (folder / "config.json").write_text(json.dumps(_config() | config))
        return folder

    return make


@pytest.fixture
def tiny_encoder(make_encoder: MakeEncoder) -> Path:
    return make_encoder()


@pytest.fixture
def three_headed(make_encoder: MakeEncoder) -> Path:
    """An encoder that also has heads for feelings and topics."""
    journal = {name: head_config(name) for name in JOURNAL_LABELS}
    return make_encoder(heads={"emotions": head_config("emotions"), **journal})


@pytest.fixture(scope="session")
def shipped_models() -> Path:
    """The folder of committed artifacts."""
    return SHIPPED
