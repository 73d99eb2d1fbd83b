"""Outliers moved from activations, where one scale must serve all channels, into weights, which have many.

SmoothQuant (Xiao et al. 2023, https://arxiv.org/abs/2211.10438): inputs are divided by a factor a channel and
the weights' rows multiplied by it, so the float32 graph computes the same. Here the division is a node of its
own, since behind it stand a residual or GELU that it cannot be folded into; it costs 2% of the time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from build.quantization.graph import Graph
from build.quantization.matmuls import Feed

_Floats = npt.NDArray[np.float32]
SHARE = 0.8
"""How much of a channel's range moves into the weights, of 1; the paper's alpha."""
_SMALLEST = 1e-5


def smooth_activations(graph: Graph, feeds: Sequence[Feed], share: float = SHARE) -> None:
    """Even out the channels of every product's input, as wide as ``feeds`` make them."""
    readers = defaultdict(list)
    for node in graph.encoder_matmuls():
        readers[node.input[0]].append(node)
    for name, largest in channel_maxima(graph, list(readers), feeds).items():
        _smooth(graph, name, readers[name], largest, share)


def channel_maxima(graph: Graph, names: Sequence[str], feeds: Sequence[Feed]) -> dict[str, _Floats]:
    """Largest absolute value of each channel (width,) of the named tensors over all feeds."""
    seen = onnx.ModelProto()
    seen.CopyFrom(graph.model)
    seen.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = onnxruntime.InferenceSession(seen.SerializeToString(), providers=["CPUExecutionProvider"])
    tops = [[_largest(value) for value in session.run(names, dict(feed))] for feed in feeds]
    return {name: np.max(column, axis=0) for name, column in zip(names, zip(*tops, strict=True), strict=True)}


def _largest(value: _Floats) -> _Floats:
    return np.asarray(np.abs(value).reshape(-1, value.shape[-1]).max(axis=0))


def _smooth(
    graph: Graph, name: str, readers: Sequence[onnx.NodeProto], largest: _Floats, share: float
) -> None:
    weights = [graph.initializers()[node.input[1]] for node in readers]
    tallest = np.max([np.abs(numpy_helper.to_array(each)).max(axis=1) for each in weights], axis=0)
    factors = np.maximum(largest, _SMALLEST) ** share / np.maximum(tallest, _SMALLEST) ** (1 - share)
    factors = (factors / np.exp(np.log(factors).mean())).astype(np.float32)
    divided = f"{name}_smooth"
    inverse = graph.add_initializer(f"{divided}_factors", 1 / factors)
    first = min(list(graph.nodes).index(node) for node in readers)
    graph.nodes.insert(first, helper.make_node("Mul", [name, inverse], [divided], divided))
    for node, tensor in zip(readers, weights, strict=True):
        scaled = numpy_helper.to_array(tensor) * factors[:, None]
        tensor.CopyFrom(numpy_helper.from_array(scaled, tensor.name))
        node.input[0] = divided
