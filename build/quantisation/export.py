"""The trained network as an ONNX graph, and its int8 form; both checked against what serving expects."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from build import tokens
from build.emotion.model import TextEncoder
from build.errors import ArtifactError
from functions.shared.encoder import load_encoder
from functions.shared.errors import ArtifactError as ServingError
from functions.shared.onnx import GRAPH

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
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        traced, simple = Path(scratch) / "traced.onnx", Path(scratch) / "simple.onnx"
        with _plain_attention(model.eval()):
            _trace(model, traced, opset)
        _simplify(traced, simple)
        simple.replace(path)
    log.info("exported %s, %.1f MB, parity %.1e", path.name, _megabytes(path), check_parity(model, path))


def quantise(source: Path, target: Path) -> None:
    """Write ``source`` with int8 weights (per channel); activations are quantised as they come, per tensor.

    The emotion head stays float32: it is 0.05% of the weights and decides the logits directly.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
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
    log.info("quantised %s, %.1f MB", target.name, _megabytes(target))


def check_contract(folder: Path, max_megabytes: float) -> None:
    """Check an artifact's folder in the code that will serve it: inputs, outputs, shapes, size.

    Raises:
        ArtifactError: serving would refuse it, or it is too large.
    """
    try:
        encoder = load_encoder(folder)
        encoded = encoder.encode(["One short text.", "And another, a little longer."])
    except (ServingError, ValueError) as error:
        raise ArtifactError(str(error)) from error
    if not np.allclose(np.linalg.norm(encoded.embeddings, axis=1), 1.0, atol=1e-3):
        raise ArtifactError(f"{folder.name}: embeddings are not of length one")
    if (size := _megabytes(folder / GRAPH)) > max_megabytes:
        raise ArtifactError(f"{GRAPH} is {size:.1f} MB, more than {max_megabytes}")


def check_parity(model: TextEncoder, path: Path) -> float:
    """Largest difference between torch and the float32 graph over batches of several shapes.

    Raises:
        ArtifactError: it is larger than ``PARITY``.
    """
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    longest = min(128, int(model.bert.config.max_position_embeddings))
    for lengths in ((2,), (9, 4, 1), (31, 31), (longest, 3)):
        ids, mask = _sample(model, lengths)
        found = session.run(list(OUTPUTS), {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})
        with torch.inference_mode():
            wanted = model(ids, mask)
        gaps = [float(np.abs(a - b.numpy()).max()) for a, b in zip(found, wanted, strict=True)]
        worst = max(worst, *gaps)
    if not worst <= PARITY:
        raise ArtifactError(f"{path.name} is {worst:.1e} from torch, more than {PARITY:.0e}")
    return worst


@contextmanager
def _plain_attention(model: TextEncoder) -> Iterator[None]:
    """Attention spelt out, which traces to a smaller graph than torch's fused one."""
    before = model.bert.config._attn_implementation
    model.bert.set_attn_implementation("eager")
    try:
        yield
    finally:
        model.bert.set_attn_implementation(before)


def _trace(model: TextEncoder, path: Path, opset: int) -> None:
    axes = {name: {0: "batch", 1: "tokens"} for name in INPUTS} | {name: {0: "batch"} for name in OUTPUTS}
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


def _simplify(source: Path, target: Path) -> None:
    """Fold constants, with standard operators alone: half the nodes, so a session opens in half the time."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(target)
    onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])


def _sample(model: TextEncoder, lengths: tuple[int, ...]) -> tuple[torch.Tensor, torch.Tensor]:
    """A padded batch of random tokens, one row a length."""
    random = np.random.default_rng(sum(lengths))
    words = int(model.bert.config.vocab_size)
    ids, mask = tokens.pad([random.integers(1, words, size=length).tolist() for length in lengths])
    return torch.from_numpy(ids), torch.from_numpy(mask)


def _heads(path: Path) -> list[str]:
    """Names of the nodes that compute ``emotions`` from the pooled text, as the quantiser will call them."""
    names = [node.name for node in onnx.load(str(path)).graph.node if "emotions" in node.output]
    return [*names, *(f"{name}_MatMul" for name in names)]


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6
