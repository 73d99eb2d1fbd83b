"""The trained network as a float32 ONNX graph, and artifacts checked against what serving expects."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
from torch import Tensor, nn
from transformers import AttentionInterface

from build import tokens
from build.emotion.model import TextEncoder
from build.errors import ArtifactError
from functions.shared.errors import ArtifactError as ServingError
from functions.shared.runtime.onnx import GRAPH
from functions.shared.text.encoder import load_encoder

log = logging.getLogger(__name__)

INPUTS = ("input_ids", "attention_mask")
PARITY = 1e-4
"""How far float32 ONNX may be from torch, absolute, in any output."""
_ATTENTION = "divided"
_SOME = ("One short text.", "And another, a little longer.", "A third of about that length.")
_COMPANY = 1e-3
"""How far a logit may move in a batch: float32 products of another shape round otherwise."""


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


def check_contract(folder: Path, max_megabytes: float) -> None:
    """Check an artifact's folder in the code that will serve it: inputs, outputs, shapes, size.

    Raises:
        ArtifactError: serving would refuse it, or it is too large.
    """
    try:
        encoder = load_encoder(folder)
        encoded = encoder.encode(_SOME)
        alone = [encoder.encode([text]).heads for text in _SOME]
    except (ServingError, ValueError) as error:
        raise ArtifactError(str(error)) from error
    if not np.allclose(np.linalg.norm(encoded.embeddings, axis=1), 1.0, atol=1e-3):
        raise ArtifactError(f"{folder.name}: embeddings are not of length one")
    for head, together in encoded.heads.items():
        if not np.allclose(together, np.concatenate([each[head] for each in alone]), atol=_COMPANY):
            raise ArtifactError(f"{folder.name}: the {head} of a text depend on its company in a batch")
    if (size := _megabytes(folder / GRAPH)) > max_megabytes:
        raise ArtifactError(f"{GRAPH} is {size:.1f} MB, more than {max_megabytes}")


def check_parity(model: TextEncoder, path: Path, tolerance: float = PARITY) -> float:
    """Largest difference between torch and a graph in any output, over batches of several shapes.

    Raises:
        ArtifactError: it is larger than ``tolerance``.
    """
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    longest = min(128, int(model.bert.config.max_position_embeddings))
    for lengths in ((2,), (9, 4, 1), (31, 31), (longest, 3)):
        ids, mask = _sample(model, lengths)
        with torch.inference_mode():
            wanted = outputs(model, ids, mask)
        found = session.run(list(wanted), {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})
        worst = max(worst, *(float(np.abs(a - b).max()) for a, b in zip(found, wanted.values(), strict=True)))
    if not worst <= tolerance:
        raise ArtifactError(f"{path.name} is {worst:.1e} from torch, more than {tolerance}")
    return worst


def outputs(model: TextEncoder, ids: Tensor, mask: Tensor) -> dict[str, npt.NDArray[np.float32]]:
    """What the network says of a batch, by the name of its output; heads it has not are left out."""
    return {name: value.numpy() for name, value in _present(model(ids, mask)).items()}


class _Present(nn.Module):
    """The network without the outputs it has no head for, which cannot be traced."""

    def __init__(self, model: TextEncoder) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        return tuple(_present(self.model(input_ids, attention_mask)).values())


def _present(output: object) -> dict[str, Tensor]:
    found: dict[str, Tensor | None] = output._asdict()  # type: ignore[attr-defined]
    return {name: value for name, value in found.items() if value is not None}


def _attend(
    _: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor, **__: object
) -> tuple[Tensor, None]:
    """Attention spelt out as graph fusion knows it; scores are divided, where transformers multiplies."""
    scores = query @ key.transpose(2, 3) / query.shape[-1] ** 0.5 + attention_mask
    return (scores.softmax(-1) @ value).transpose(1, 2).contiguous(), None


@contextmanager
def _plain_attention(model: TextEncoder) -> Iterator[None]:
    AttentionInterface.register(_ATTENTION, _attend)
    before = model.bert.config._attn_implementation
    model.bert.set_attn_implementation(_ATTENTION)
    try:
        yield
    finally:
        model.bert.set_attn_implementation(before)


def _trace(model: TextEncoder, path: Path, opset: int) -> None:
    sample = _sample(model, (7, 5))
    with torch.inference_mode():
        names = list(outputs(model, *sample))
    axes = {name: {0: "batch", 1: "tokens"} for name in INPUTS} | {name: {0: "batch"} for name in names}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own notices about tracing
        torch.onnx.export(
            _Present(model).eval(),
            sample,
            str(path),
            dynamo=False,
            input_names=list(INPUTS),
            output_names=names,
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


def _sample(model: TextEncoder, lengths: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """A padded batch of random tokens, one row a length."""
    random = np.random.default_rng(sum(lengths))
    words = int(model.bert.config.vocab_size)
    ids, mask = tokens.pad([random.integers(1, words, size=length).tolist() for length in lengths])
    return torch.from_numpy(ids), torch.from_numpy(mask)


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6
