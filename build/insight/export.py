"""Exports the trained reader as ONNX and quantizes it to 4 bits."""

from __future__ import annotations

import logging
import tempfile
import warnings
from pathlib import Path
from typing import Literal

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from build.errors import ArtifactError
from build.insight.network import JournalReader
from build.quantization import embedding_tables
from build.quantization.graph import Graph
from build.quantization.matmuls import quantize_blockwise
from functions.emotion.reader import OF_ENTRY, OF_SENTENCES

log = logging.getLogger(__name__)

INPUTS = ("input_ids", "attention_mask", "pooling")
OUTPUTS = (*OF_SENTENCES, *OF_ENTRY)
OPSET = 17
PARITY = 1e-3
"""Largest allowed absolute difference between float32 ONNX and torch in any output."""
_BITS: Literal[4] = 4
_BLOCK = 32
"""Adjacent weights of a column that share a scale."""
_SHAPES = ((2, 1), (9, 3), (40, 7), (120, 12))
"""Tokens and sentences of the entries that parity is checked on."""


def export(model: JournalReader, path: Path) -> None:
    """Write the network as float32 ONNX, for one entry of any length at a time.

    Raises:
        ArtifactError: the graph's outputs differ from the network's.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        traced = Path(scratch) / "traced.onnx"
        _trace(model.cpu().eval(), traced)
        check_parity(model, traced)
        traced.replace(path)
    log.info("exported %s, %.1f MB", path.name, path.stat().st_size / 1e6)


def quantize(source: Path, target: Path) -> None:
    """4-bit weights and tables in blocks of 32; inputs of products are int8, scaled per block at run time.

    One scale for all inputs of a product, as in int8, costs up to four points (docs/measurements.md).
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        prepared, quantized = Path(scratch) / "prepared.onnx", Path(scratch) / target.name
        graph = Graph.load(source)
        embedding_tables.quantize_int4(graph)
        graph.save(prepared)
        quantize_blockwise(prepared, quantized, _BITS, _BLOCK)
        quantized.replace(target)
    log.info("quantized %s, %.1f MB", target.name, target.stat().st_size / 1e6)


def check_parity(model: JournalReader, path: Path, tolerance: float = PARITY) -> float:
    """Largest difference between torch and a graph in any output, over entries of several shapes.

    Raises:
        ArtifactError: it exceeds `tolerance`.
    """
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    largest = 0.0
    longest = int(model.body.config.max_position_embeddings) - 2
    for tokens, sentences in _SHAPES:
        inputs = _sample(model, min(tokens, longest), sentences)
        with torch.inference_mode():
            expected = model(*inputs)
        feeds = {name: value.numpy() for name, value in zip(INPUTS, inputs, strict=True)}
        actual = dict(zip(OUTPUTS, session.run(list(OUTPUTS), feeds), strict=True))
        for name in OUTPUTS:
            largest = max(largest, float(np.abs(actual[name] - expected[name].numpy()).max()))
    if not largest <= tolerance:
        raise ArtifactError(f"{path.name} differs from torch by {largest:.1e}, more than {tolerance}")
    return largest


class _InOrder(nn.Module):
    """The network with its outputs as a tuple, in the order of `OUTPUTS`."""

    def __init__(self, model: JournalReader) -> None:
        super().__init__()
        self.body = model.body
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor, pooling: Tensor) -> tuple[Tensor, ...]:
        outputs = self.model(input_ids, attention_mask, pooling)
        return tuple(outputs[name] for name in OUTPUTS)


def _trace(model: JournalReader, path: Path) -> None:
    axes = {
        "input_ids": {0: "batch", 1: "tokens"},
        "attention_mask": {0: "batch", 1: "tokens"},
        "pooling": {0: "batch", 1: "sentences", 2: "tokens"},
        **{name: {0: "batch", 1: "sentences"} for name in OF_SENTENCES},
        **{name: {0: "batch"} for name in OF_ENTRY},
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns about tracing
        torch.onnx.export(
            _InOrder(model).eval(),
            _sample(model, 12, 3),
            str(path),
            dynamo=False,
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes=axes,
            opset_version=OPSET,
        )


def _sample(model: JournalReader, tokens: int, sentences: int) -> tuple[Tensor, Tensor, Tensor]:
    """An entry of random tokens in sentences of about equal length."""
    random = np.random.default_rng(tokens)
    ids = random.integers(1, int(model.body.config.vocab_size), size=(1, tokens))
    pooling = np.zeros((1, sentences, tokens), dtype=np.float32)
    for index, part in enumerate(np.array_split(np.arange(tokens), sentences)):
        pooling[0, index, part] = 1.0 / max(1, len(part))
    mask = np.ones((1, tokens), dtype=np.int64)
    return torch.from_numpy(ids), torch.from_numpy(mask), torch.from_numpy(pooling)
