"""A tiny encoder-decoder model made by hand: it copies its source, or always writes the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from onnx import TensorProto, helper, numpy_helper, save
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import BertPreTokenizer

from functions.summarization.abstracts.beam_search import DecodingConfig
from functions.summarization.abstracts.seq2seq import DECODER, ENCODER, Seq2SeqConfig

INT64, FLOAT = TensorProto.INT64, TensorProto.FLOAT
SPECIAL = ("[PAD]", "[CLS]", "[SEP]", "[LEN]", "[UNK]")
CLOSE = SPECIAL.index("[SEP]")


def make_writer(
    folder: Path, words: Sequence[str], says: Sequence[str] | None = None, **settings: Any
) -> Path:
    """Write an artifact with the vocabulary `words`. It copies its source, or writes `says` if given."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {word: number for number, word in enumerate([*SPECIAL, *words])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    values: dict[str, Any] = {
        "name": "writer-test", "version": "0.1", "family": "pointer", "max_source": 40, "opening": 3,
        "end": CLOSE, "before": 1, "layers": 1, "heads": 1, "head_width": 1,
        "search": DecodingConfig(beams=2, most=20, no_repeat=0),
    }  # fmt: skip
    config = Seq2SeqConfig(**{**values, **settings})
    (folder / "config.json").write_bytes(msgspec.json.encode(config))
    save(_encoder(), str(folder / ENCODER))
    script = None if says is None else [1, *(vocabulary[word] for word in says), CLOSE]
    save(_decoder(len(vocabulary), script), str(folder / DECODER))
    return folder


def _encoder() -> Any:
    nodes = [helper.make_node("Cast", ["input_ids"], ["memory.0"], to=FLOAT)]
    inputs = [
        helper.make_tensor_value_info(name, INT64, [1, "source"]) for name in ("input_ids", "attention_mask")
    ]
    outputs = [helper.make_tensor_value_info("memory.0", FLOAT, [1, "source"])]
    return _model(nodes, inputs, outputs, {})


def _decoder(tokens: int, script: list[int] | None) -> Any:
    """The token after `n` generated ones is token `n + 1` of the source, which begins with [CLS]."""
    constants: dict[str, npt.NDArray[Any]] = {
        "zero": np.asarray(0, dtype=np.int64),
        "one": np.asarray(1, dtype=np.int64),
        "written_axis": np.asarray(3, dtype=np.int64),
        "flat": np.asarray([-1], dtype=np.int64),
        "close": np.asarray([CLOSE] * 80, dtype=np.int64),
        "depth": np.asarray(tokens, dtype=np.int64),
        "values": np.asarray([-20.0, -0.01], dtype=np.float32),
        "script": np.asarray(script or [0], dtype=np.int64),
        "column": np.asarray([0], dtype=np.int64),
        "beams_shape": np.asarray([1, -1, 1, 1, 1], dtype=np.int64),
        "two": np.asarray([2, 1, 1, 1, 1], dtype=np.int64),
    }
    nodes = [
        helper.make_node("Shape", ["past"], ["shape"]),
        helper.make_node("Gather", ["shape", "written_axis"], ["written"]),
        helper.make_node("Reshape", ["input_ids", "flat"], ["source"]),
        helper.make_node("Concat", ["source" if script is None else "script", "close"], ["text"], axis=0),
        helper.make_node("Add", ["written", "one"], ["at"]),
        helper.make_node("Gather", ["text", "at"], ["next"]),
        helper.make_node("Mul", ["token", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "next"], ["all"]),
        helper.make_node("Reshape", ["all", "flat"], ["beams"]),
        helper.make_node("OneHot", ["beams", "depth", "values"], ["log_chances"]),
        helper.make_node("Cast", ["nothing"], ["float"], to=FLOAT),
        helper.make_node("Reshape", ["float", "beams_shape"], ["one_layer"]),
        helper.make_node("Tile", ["one_layer", "two"], ["new"]),
        helper.make_node("Concat", ["past", "new"], ["present"], axis=3),
    ]
    inputs = [
        helper.make_tensor_value_info("token", INT64, ["beams", 1]),
        helper.make_tensor_value_info("past", FLOAT, [2, "beams", 1, "written", 1]),
        helper.make_tensor_value_info("input_ids", INT64, [1, "source"]),
    ]
    outputs = [
        helper.make_tensor_value_info("log_chances", FLOAT, ["beams", tokens]),
        helper.make_tensor_value_info("present", FLOAT, [2, "beams", 1, "longer", 1]),
    ]
    return _model(nodes, inputs, outputs, constants)


def _model(nodes: Any, inputs: Any, outputs: Any, constants: dict[str, npt.NDArray[Any]]) -> Any:
    weights = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "writer", inputs, outputs, weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
