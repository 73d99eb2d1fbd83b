"""Networks as the two ONNX graphs that serving reads: `functions/summarization/seq2seq.py` says which."""

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
from functions.summarization.seq2seq import DECODER, ENCODER

PARITY = 1e-4
"""How far float32 ONNX may be from torch, absolute, in any log-probability above `_SEEN`."""
_SEEN = -20.0
_OPSET = 17


class Shape(NamedTuple):
    """Of a decoder."""

    layers: int
    heads: int
    head_width: int
    tokens: int


class Network(Protocol):
    """What can be exported."""

    @property
    def shape(self) -> Shape: ...

    def memory(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        """All that the decoder needs of a source (1, source)."""
        ...

    def step(
        self,
        token: Tensor,
        past: Tensor,
        input_ids: Tensor,
        attention_mask: Tensor,
        memory: Sequence[Tensor],
    ) -> tuple[Tensor, Tensor]:
        """log p (beams, tokens) after `token` (beams, 1), and the past with it (layers x 2, beams, …)."""
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
    """Write both graphs and check them against torch; returns the largest difference.

    Raises:
        ArtifactError: a graph computes something else than the network.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ids, mask = _source(network.shape, 7)
    memory = network.memory(ids, mask)
    names = [f"memory.{number}" for number in range(len(memory))]
    seen = {name: _axes(tensor, ids.shape[1]) for name, tensor in zip(names, memory, strict=True)}
    source = {"input_ids": {1: "source"}, "attention_mask": {1: "source"}}
    _trace(_Encoder(network), (ids, mask), folder / ENCODER, list(source), names, {**source, **seen}, opset)
    past = _past(network.shape, beams=2, written=3)
    token = torch.tensor([[1], [2]])
    axes = {
        "token": {0: "beams"}, "past": {1: "beams", 3: "written"}, "present": {1: "beams", 3: "longer"},
        "log_chances": {0: "beams"}, **source, **seen,
    }  # fmt: skip
    inputs = ["token", "past", *source, *names]
    given = (token, past, ids, mask, *memory)
    _trace(_Decoder(network), given, folder / DECODER, inputs, ["log_chances", "present"], axes, opset)
    worst: float = check(network, folder)
    return worst


@torch.inference_mode()  # type: ignore[untyped-decorator]
def check(network: Network, folder: Path, tolerance: float = PARITY) -> float:
    """Largest difference of the graphs' log-probabilities from torch's, over some steps of several beams.

    Raises:
        ArtifactError: it is larger than `tolerance`.
    """
    encoder, decoder = (
        onnxruntime.InferenceSession(str(folder / name), providers=["CPUExecutionProvider"])
        for name in (ENCODER, DECODER)
    )
    worst = 0.0
    for length, beams in ((3, 1), (29, 4), (120, 2)):
        ids, mask = _source(network.shape, length)
        fed = {"input_ids": ids.numpy(), "attention_mask": mask.numpy()}
        found = dict(zip((node.name for node in encoder.get_outputs()), encoder.run(None, fed), strict=True))
        taken = {node.name for node in decoder.get_inputs()}
        known = {name: value for name, value in {**fed, **found}.items() if name in taken}
        memory = network.memory(ids, mask)
        past = _past(network.shape, beams, 0)
        mine = past.numpy()
        for step in range(4):
            token = torch.arange(beams)[:, None] + step + 1
            wanted, past = network.step(token, past, ids, mask, memory)
            chances, mine = decoder.run(None, {"token": token.numpy(), "past": mine, **known})
            likely = wanted.numpy() > _SEEN
            worst = max(worst, float(np.abs(chances - wanted.numpy())[likely].max()))
    if worst > tolerance:
        raise ArtifactError(f"{folder.name} differs from torch by {worst:.1e}, more than {tolerance:.0e}")
    return worst


def _trace(
    module: nn.Module,
    given: tuple[Tensor, ...],
    path: Path,
    inputs: list[str],
    outputs: list[str],
    axes: Mapping[str, dict[int, str]],
    opset: int,
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of every shape it takes for a constant
        torch.onnx.export(
            module.eval(),
            given,
            str(path),
            input_names=inputs,
            output_names=outputs,
            dynamic_axes={name: axes[name] for name in (*inputs, *outputs) if name in axes},
            opset_version=opset,
            dynamo=False,
        )


def _axes(tensor: Tensor, source: int) -> dict[int, str]:
    return {at: "source" for at, size in enumerate(tensor.shape) if size == source}


def _source(shape: Shape, length: int) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(length)
    ids = torch.randint(1, shape.tokens, (1, length), generator=random)
    return ids, torch.ones_like(ids)


def _past(shape: Shape, beams: int, written: int) -> Tensor:
    random = torch.Generator().manual_seed(written)
    return torch.randn(shape.layers * 2, beams, shape.heads, written, shape.head_width, generator=random)
