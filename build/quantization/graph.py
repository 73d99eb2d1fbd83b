"""An editable ONNX graph: initializers, producers of tensors, atomic writes."""

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
"""Domain of onnxruntime's own operators."""
_ENCODER = "/encoder/"


class Graph:
    """An ONNX graph that is edited in memory and written atomically."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self.nodes = model.graph.node

    @classmethod
    def load(cls, path: Path) -> Graph:
        return cls(onnx.load(path))

    def save(self, path: Path) -> None:
        """Write the graph without unused initializers."""
        used = {name for node in self.nodes for name in node.input}
        for tensor in [tensor for tensor in self.model.graph.initializer if tensor.name not in used]:
            self.model.graph.initializer.remove(tensor)
        write_bytes(path, self.model.SerializeToString())

    def producers(self) -> dict[str, onnx.NodeProto]:
        """The node that produces each tensor, by the tensor's name."""
        return {name: node for node in self.nodes for name in node.output}

    def initializers(self) -> dict[str, onnx.TensorProto]:
        """The constant tensors by name."""
        return {tensor.name: tensor for tensor in self.model.graph.initializer}

    def add_initializer(self, name: str, value: Array) -> str:
        self.model.graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def replace(self, node: onnx.NodeProto, *others: onnx.NodeProto) -> None:
        """Replace ``node`` by ``others``; nodes are listed in execution order."""
        position = list(self.nodes).index(node)
        self.nodes.remove(node)
        for offset, other in enumerate(others):
            self.nodes.insert(position + offset, other)

    def declare_contrib_ops(self) -> None:
        """Declare that the graph uses onnxruntime's own operators."""
        if CONTRIB_DOMAIN not in {opset.domain for opset in self.model.opset_import}:
            self.model.opset_import.append(onnx.helper.make_opsetid(CONTRIB_DOMAIN, 1))

    def encoder_matmuls(self) -> Iterator[onnx.NodeProto]:
        """The encoder's matrix products with weights, which the exporter names after the network's modules.

        Products after the pooling, of heads and embedding, are few and determine the outputs: they stay
        float.
        """
        initializers = self.initializers()
        return (
            node
            for node in self.nodes
            if node.op_type == "MatMul" and _ENCODER in node.name and node.input[1] in initializers
        )

    def embedding_lookups(self) -> Iterator[onnx.NodeProto]:
        """The Gather nodes that look up embedding tables."""
        initializers = self.initializers()
        return (
            node
            for node in self.nodes
            if node.op_type == "Gather"
            and node.input[0] in initializers
            and len(initializers[node.input[0]].dims) == 2
        )

    def count(self, kind: str) -> int:
        return sum(node.op_type == kind for node in self.nodes)
