"""A tiny journal reader with the shipped one's interface, whose words speak for one emotion each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, TensorProto, helper, numpy_helper, save
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

EMOTIONS = ("joy", "sadness", "neutral")
WORDS = ("happy", "sad", "table", "quote", "um", "home", "hopeless")
"""Word n has axis n: the emotions, then core, avoid, the topic and support."""
SPECIAL = ("[UNK]", "[CLS]", "[SEP]")
_SCALE, _SHIFT = 16.0, -4.0
_FIRST_AXIS = {
    "sentence_emotions": 0,
    "core": 3,
    "avoid": 4,
    "emotions": 0,
    "primary": 0,
    "feelings": 0,
    "topics": 5,
    "mood": 0,
    "support": 6,
}
_WIDTHS = {"sentence_emotions": 3, "emotions": 3, "primary": 3, "feelings": 2}


def _graph(outputs: tuple[str, ...]) -> ModelProto:
    width = len(WORDS)
    table = np.concatenate([np.zeros((len(SPECIAL), width)), np.eye(width)]).astype(np.float32)
    weights: dict[str, npt.NDArray[Any]] = {
        "table": table,
        "shift": np.asarray(_SHIFT, dtype=np.float32),
        "tokens": np.asarray([1], dtype=np.int64),
    }
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["hidden"]),
        helper.make_node("MatMul", ["pooling", "hidden"], ["sentences"]),
        helper.make_node("ReduceMax", ["sentences", "tokens"], ["entry"], keepdims=0),
    ]
    for name in outputs:
        matrix = _SCALE * np.eye(width, _WIDTHS.get(name, 1), k=-_FIRST_AXIS[name], dtype=np.float32)
        if name == "mood":
            matrix[1, 0] = -_SCALE
        weights[f"{name}_weights"] = matrix
        of_sentences = name in ("sentence_emotions", "core", "avoid")
        source = "sentences" if of_sentences else "entry"
        nodes.append(helper.make_node("MatMul", [source, f"{name}_weights"], [f"{name}_raw"]))
        nodes.append(
            helper.make_node("Add", [f"{name}_raw", "shift"], [name])
            if name != "mood"
            else helper.make_node("Identity", [f"{name}_raw"], [name])
        )
    axes: dict[str, list[str | int]] = {
        "sentence_emotions": ["batch", "sentences", 3],
        "core": ["batch", "sentences", 1],
        "avoid": ["batch", "sentences", 1],
    }
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"]),
            helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["batch", "tokens"]),
            helper.make_tensor_value_info("pooling", TensorProto.FLOAT, ["batch", "sentences", "tokens"]),
        ],
        [
            helper.make_tensor_value_info(
                name, TensorProto.FLOAT, axes.get(name, ["batch", _WIDTHS.get(name, 1)])
            )
            for name in outputs
        ],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def _tokenizer() -> Tokenizer:
    vocabulary = {word: index for index, word in enumerate([*SPECIAL, *WORDS])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    special = [(token, vocabulary[token]) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = TemplateProcessing("[CLS] $A [SEP]", special_tokens=special)
    return tokenizer


def _config() -> dict[str, object]:
    emotions = {"names": EMOTIONS, "threshold": 0.5, "limit": 4}
    return {
        "name": "tiny-reader",
        "version": "1.0.0",
        "max_length": 12,
        "max_sentence": 8,
        "emotions": emotions,
        "sentence_emotions": emotions,
        "feelings": {"names": ["happy", "sad"], "threshold": 0.5, "limit": 3},
        "topics": {"names": ["home"], "threshold": 0.5, "limit": 3},
        "certain": 0.5,
        "support": 0.5,
    }


def write_reader(folder: Path, *, without: str = "", **config: object) -> Path:
    """Writes a reader; `without` names an output that its graph lacks, others override its config."""
    folder.mkdir()
    save(_graph(tuple(name for name in _FIRST_AXIS if name != without)), str(folder / "model.onnx"))
    _tokenizer().save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps(_config() | config))
    return folder
