"""Exports a network as the two ONNX graphs that `functions/summarization/abstracts/seq2seq.py` specifies."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from build.errors import ArtifactError
from functions.summarization.abstracts.seq2seq import DECODER, ENCODER

PARITY = 1e-4
"""Largest allowed absolute difference between float32 ONNX and torch in any likely log-probability."""
_MIN_LOG_PROBABILITY = -20.0
_OPSET = 17


class Shape(NamedTuple):
    """Dimensions of a decoder."""

    layers: int
    heads: int
    head_width: int
    tokens: int


class Network(Protocol):
    """A network that can be exported."""

    @property
    def shape(self) -> Shape: ...

    def memory(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        """Everything the decoder needs of a source (1, source)."""
        ...

    def step(
        self,
        token: Tensor,
        past: Tensor,
        input_ids: Tensor,
        attention_mask: Tensor,
        memory: Sequence[Tensor],
    ) -> tuple[Tensor, Tensor]:
        """log p (beams, tokens) after `token` (beams, 1), and the extended past (layers x 2, beams, …)."""
        ...


class _Encoder(nn.Module):
    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        return self.network.memory(input_ids, attention_mask)


class _Decoder(nn.Module):
    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, token: Tensor, past: Tensor, input_ids: Tensor, attention_mask: Tensor, *memory: Tensor
    ) -> tuple[Tensor, Tensor]:
        return self.network.step(token, past, input_ids, attention_mask, memory)


@torch.inference_mode()  # type: ignore[untyped-decorator]
def export(network: Network, folder: Path, opset: int = _OPSET) -> float:
    """Write both graphs and compare them with torch; returns the largest difference.

    Raises:
        ArtifactError: a graph's outputs differ from the network's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ids, mask = _random_source(network.shape, 7)
    memory = network.memory(ids, mask)
    names = [f"memory.{number}" for number in range(len(memory))]
    memory_axes = {name: _axes(tensor, ids.shape[1]) for name, tensor in zip(names, memory, strict=True)}
    source = {"input_ids": {1: "source"}, "attention_mask": {1: "source"}}
    _trace(
        _Encoder(network),
        (ids, mask),
        folder / ENCODER,
        list(source),
        names,
        {**source, **memory_axes},
        opset,
    )
    past = _random_past(network.shape, beams=2, tokens=3)
    token = torch.tensor([[1], [2]])
    axes = {
        "token": {0: "beams"}, "past": {1: "beams", 3: "written"}, "present": {1: "beams", 3: "longer"},
        "log_chances": {0: "beams"}, **source, **memory_axes,
    }  # fmt: skip
    inputs = ["token", "past", *source, *names]
    arguments = (token, past, ids, mask, *memory)
    _trace(_Decoder(network), arguments, folder / DECODER, inputs, ["log_chances", "present"], axes, opset)
    difference: float = check(network, folder)
    return difference


@torch.inference_mode()  # type: ignore[untyped-decorator]
def check(network: Network, folder: Path, tolerance: float = PARITY) -> float:
    """Largest difference of the graphs' log-probabilities from torch's, over several steps and beams.

    Raises:
        ArtifactError: it exceeds `tolerance`.
    """
    encoder, decoder = (
        onnxruntime.InferenceSession(str(folder / name), providers=["CPUExecutionProvider"])
        for name in (ENCODER, DECODER)
    )
    largest = 0.0
    for length, beams in ((3, 1), (29, 4), (120, 2)):
        ids, mask = _random_source(network.shape, length)
        source_inputs = {"input_ids": ids.numpy(), "attention_mask": mask.numpy()}
        encoded = dict(
            zip((node.name for node in encoder.get_outputs()), encoder.run(None, source_inputs), strict=True)
        )
        decoder_inputs = {node.name for node in decoder.get_inputs()}
        fixed_inputs = {
            name: value for name, value in {**source_inputs, **encoded}.items() if name in decoder_inputs
        }
        memory = network.memory(ids, mask)
        past = _random_past(network.shape, beams, 0)
        graph_past = past.numpy()
        for step in range(4):
            token = torch.arange(beams)[:, None] + step + 1
            expected, past = network.step(token, past, ids, mask, memory)
            actual, graph_past = decoder.run(
                None, {"token": token.numpy(), "past": graph_past, **fixed_inputs}
            )
            is_likely = expected.numpy() > _MIN_LOG_PROBABILITY
            largest = max(largest, float(np.abs(actual - expected.numpy())[is_likely].max()))
    if largest > tolerance:
        raise ArtifactError(f"{folder.name} differs from torch by {largest:.1e}, more than {tolerance:.0e}")
    return largest


def _trace(
    module: nn.Module,
    arguments: tuple[Tensor, ...],
    path: Path,
    inputs: list[str],
    outputs: list[str],
    axes: Mapping[str, dict[int, str]],
    opset: int,
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns about every shape it treats as constant
        torch.onnx.export(
            module.eval(),
            arguments,
            str(path),
            input_names=inputs,
            output_names=outputs,
            dynamic_axes={name: axes[name] for name in (*inputs, *outputs) if name in axes},
            opset_version=opset,
            dynamo=False,
        )


def _axes(tensor: Tensor, source: int) -> dict[int, str]:
    return {dimension: "source" for dimension, size in enumerate(tensor.shape) if size == source}


def _random_source(shape: Shape, length: int) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(length)
    ids = torch.randint(1, shape.tokens, (1, length), generator=random)
    return ids, torch.ones_like(ids)


def _random_past(shape: Shape, beams: int, tokens: int) -> Tensor:
    random = torch.Generator().manual_seed(tokens)
    return torch.randn(shape.layers * 2, beams, shape.heads, tokens, shape.head_width, generator=random)
