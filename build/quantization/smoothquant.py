"""Moves outliers from activations, which share one scale, into weights, which have one per channel.

SmoothQuant (Xiao et al. 2023, https://arxiv.org/abs/2211.10438): inputs are divided by a factor per channel
and the weights' rows multiplied by it, so the float32 graph computes the same. The division is a node of its
own, since it cannot be folded into the preceding residual or GELU; it costs 2% of the time.
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
ALPHA = 0.8
"""Share of a channel's range that moves into the weights, from 0 to 1; alpha in the paper."""
_SMALLEST = 1e-5


def smooth_activations(graph: Graph, feeds: Sequence[Feed], alpha: float = ALPHA) -> None:
    """Even out the channels of every product's input, whose ranges are measured on ``feeds``."""
    consumers = defaultdict(list)
    for node in graph.encoder_matmuls():
        consumers[node.input[0]].append(node)
    for name, maxima in channel_maxima(graph, list(consumers), feeds).items():
        _smooth(graph, name, consumers[name], maxima, alpha)


def channel_maxima(graph: Graph, names: Sequence[str], feeds: Sequence[Feed]) -> dict[str, _Floats]:
    """Largest absolute value of each channel (width,) of the named tensors over all feeds."""
    extended = onnx.ModelProto()
    extended.CopyFrom(graph.model)
    extended.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names
    )
    session = onnxruntime.InferenceSession(extended.SerializeToString(), providers=["CPUExecutionProvider"])
    maxima = [[_channel_maxima(value) for value in session.run(names, dict(feed))] for feed in feeds]
    return {
        name: np.max(values, axis=0) for name, values in zip(names, zip(*maxima, strict=True), strict=True)
    }


def _channel_maxima(value: _Floats) -> _Floats:
    return np.asarray(np.abs(value).reshape(-1, value.shape[-1]).max(axis=0))


def _smooth(
    graph: Graph, name: str, consumers: Sequence[onnx.NodeProto], maxima: _Floats, alpha: float
) -> None:
    weights = [graph.initializers()[node.input[1]] for node in consumers]
    weight_maxima = np.max([np.abs(numpy_helper.to_array(weight)).max(axis=1) for weight in weights], axis=0)
    factors = np.maximum(maxima, _SMALLEST) ** alpha / np.maximum(weight_maxima, _SMALLEST) ** (1 - alpha)
    factors = (factors / np.exp(np.log(factors).mean())).astype(np.float32)
    divided = f"{name}_smooth"
    inverse = graph.add_initializer(f"{divided}_factors", 1 / factors)
    position = min(list(graph.nodes).index(node) for node in consumers)
    graph.nodes.insert(position, helper.make_node("Mul", [name, inverse], [divided], divided))
    for node, tensor in zip(consumers, weights, strict=True):
        scaled = numpy_helper.to_array(tensor) * factors[:, None]
        tensor.CopyFrom(numpy_helper.from_array(scaled, tensor.name))
        node.input[0] = divided
