"""The trained network as an ONNX graph, and its int8 form; both checked against what serving expects."""

from __future__ import annotations

import logging
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from build.emotion import tokens
from build.emotion.model import TextEncoder
from build.errors import ArtifactError

log = logging.getLogger(__name__)

INPUTS = ("input_ids", "attention_mask")
OUTPUTS = ("emotions", "embedding")
PARITY = 1e-4
"""How far float32 ONNX may be from torch, absolute, in either output."""


def export(model: TextEncoder, path: Path, opset: int) -> None:
    """Write the network as float32 ONNX, batch and tokens dynamic; then check it against torch.

    Raises:
        ArtifactError: the graph computes something else than the network.
    """
    model.eval()
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = {0: "batch"}
    axes = {name: {0: "batch", 1: "tokens"} for name in INPUTS} | dict.fromkeys(OUTPUTS, rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own notices about tracing
        torch.onnx.export(
            model,
            _sample(model, (7, 5)),
            str(path),
            dynamo=False,
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes=axes,
            opset_version=opset,
        )
    model.eval()
    log.info(
        "exported %s, %.1f MB, parity %.1e", path.name, path.stat().st_size / 1e6, check_parity(model, path)
    )


def quantise(source: Path, target: Path) -> None:
    """Write ``source`` with int8 weights (per channel); activations are quantised as they come, per tensor.

    The emotion head stays float32: it is 0.05% of the weights and decides the logits directly.
    """
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        partial = Path(scratch) / target.name
        quantize_dynamic(
            source,
            partial,
            per_channel=True,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=_heads(source),
        )
        partial.replace(target)
    log.info("quantised %s, %.1f MB", target.name, target.stat().st_size / 1e6)


def check_contract(path: Path, labels: int, width: int, max_megabytes: float) -> None:
    """Check a model file's inputs, outputs, shapes and size.

    Raises:
        ArtifactError: it is not what serving is written against.
    """
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    inputs = {each.name: (each.type, len(each.shape)) for each in session.get_inputs()}
    if inputs != dict.fromkeys(INPUTS, ("tensor(int64)", 2)):
        raise ArtifactError(f"{path.name} has inputs {inputs}")
    ids = np.array([[101, 102]], dtype=np.int64) % 100
    outputs = session.run(list(OUTPUTS), {"input_ids": ids, "attention_mask": np.ones_like(ids)})
    if [each.shape for each in outputs] != [(1, labels), (1, width)]:
        raise ArtifactError(f"{path.name} has outputs of shape {[each.shape for each in outputs]}")
    if (size := path.stat().st_size / 1e6) > max_megabytes:
        raise ArtifactError(f"{path.name} is {size:.1f} MB, more than {max_megabytes}")


def check_parity(model: TextEncoder, path: Path) -> float:
    """Largest difference between torch and the float32 graph over batches of several shapes.

    Raises:
        ArtifactError: it is larger than ``PARITY``.
    """
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    for lengths in ((2,), (9, 4, 1), (31, 31), (64, 3)):
        ids, mask = _sample(model, lengths)
        found = session.run(list(OUTPUTS), {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})
        with torch.inference_mode():
            wanted = model(ids, mask)
        gaps = [float(np.abs(a - b.numpy()).max()) for a, b in zip(found, wanted, strict=True)]
        worst = max(worst, *gaps)
    if not worst <= PARITY:
        raise ArtifactError(f"{path.name} is {worst:.1e} from torch, more than {PARITY:.0e}")
    return worst


def _sample(model: TextEncoder, lengths: tuple[int, ...]) -> tuple[torch.Tensor, torch.Tensor]:
    """A padded batch of random tokens, one row a length."""
    random = np.random.default_rng(sum(lengths))
    words = int(model.bert.config.vocab_size)
    ids, mask = tokens.pad([random.integers(1, words, size=length).tolist() for length in lengths])
    return torch.from_numpy(ids), torch.from_numpy(mask)


def _heads(path: Path) -> list[str]:
    """Names of the nodes that compute ``emotions`` from the pooled text."""
    graph = onnx.load(str(path)).graph
    return [node.name for node in graph.node if "emotions" in node.output]
