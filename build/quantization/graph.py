"""What every step on an ONNX graph needs: its weights, who makes what, and files written whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from build.files import write_bytes

Array = npt.NDArray[np.generic]
CONTRIB_DOMAIN = "com.microsoft"
"""The domain of onnxruntime's own operators."""
_ENCODER = "/bert/encoder/"


class Graph:
    """An ONNX graph to change in memory and write in one step."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self.nodes = model.graph.node

    @classmethod
    def load(cls, path: Path) -> Graph:
        return cls(onnx.load(path))

    def save(self, path: Path) -> None:
        """Write the graph, without the weights that no node reads any more."""
        used = {name for node in self.nodes for name in node.input}
        for tensor in [each for each in self.model.graph.initializer if each.name not in used]:
            self.model.graph.initializer.remove(tensor)
        write_bytes(path, self.model.SerializeToString())

    def producers(self) -> dict[str, onnx.NodeProto]:
        """The node behind each name."""
        return {name: node for node in self.nodes for name in node.output}

    def initializers(self) -> dict[str, onnx.TensorProto]:
        """The constant tensors by name."""
        return {tensor.name: tensor for tensor in self.model.graph.initializer}

    def add_initializer(self, name: str, value: Array) -> str:
        self.model.graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def replace(self, node: onnx.NodeProto, *others: onnx.NodeProto) -> None:
        """Put other nodes where ``node`` stands; nodes are listed in the order they run."""
        at = list(self.nodes).index(node)
        self.nodes.remove(node)
        for offset, other in enumerate(others):
            self.nodes.insert(at + offset, other)

    def declare_contrib_ops(self) -> None:
        """Say that the graph holds operators of onnxruntime's own."""
        if CONTRIB_DOMAIN not in {each.domain for each in self.model.opset_import}:
            self.model.opset_import.append(onnx.helper.make_opsetid(CONTRIB_DOMAIN, 1))

    def encoder_matmuls(self) -> Iterator[onnx.NodeProto]:
        """The encoder's matrix products with weights, which the exporter names by the network's parts.

        Those behind the pooling, of heads and embedding, are few and decide the outputs: they stay float.
        """
        known = self.initializers()
        return (
            node
            for node in self.nodes
            if node.op_type == "MatMul" and _ENCODER in node.name and node.input[1] in known
        )

    def embedding_lookups(self) -> Iterator[onnx.NodeProto]:
        """The embedding tables' look-ups."""
        known = self.initializers()
        return (
            node
            for node in self.nodes
            if node.op_type == "Gather" and node.input[0] in known and len(known[node.input[0]].dims) == 2
        )

    def count(self, kind: str) -> int:
        return sum(node.op_type == kind for node in self.nodes)
