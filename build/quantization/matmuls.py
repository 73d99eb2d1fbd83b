"""The encoder's matrix products in integers: three ways to quantise what flows into them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)

from build.errors import ArtifactError
from build.quantization import embedding_tables as tables
from build.quantization.fusion import merge_biases
from build.quantization.graph import CONTRIB_DOMAIN, Graph

Feed = Mapping[str, npt.NDArray[np.int64]]
Calibration = Literal["minmax", "percentile", "entropy"]
_METHODS = {
    "minmax": CalibrationMethod.MinMax,
    "percentile": CalibrationMethod.Percentile,
    "entropy": CalibrationMethod.Entropy,
}
_INT8 = 4  # the operator's name for inputs quantised to 8 bits
_FLOAT = {"DefaultTensorType": TensorProto.FLOAT}  # shapes cannot be inferred through onnxruntime's operators


def quantize_dynamic_int8(source: Path, target: Path) -> None:
    """int8 weights, a scale a column; inputs uint8 with a scale a tensor, measured as they come."""
    names = [node.name for node in Graph.load(source).encoder_matmuls()]
    quantize_dynamic(
        source,
        target,
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul"],
        nodes_to_quantize=names,
        extra_options=_FLOAT,
    )


def quantize_dynamic_unfused(source: Path, target: Path) -> None:
    """As `dynamic`, of a graph as exported: its tables int8 too, with one scale a table."""
    graph = Graph.load(source)
    inside = [node.name for node in graph.encoder_matmuls()]
    products = [node.name for node in graph.nodes if node.op_type in ("Gemm", "MatMul")]
    heads = [name for name in products if name not in inside]
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        partial = Path(scratch) / target.name
        quantize_dynamic(
            source,
            partial,
            per_channel=True,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=[*heads, *(f"{name}_MatMul" for name in heads)],
        )
        partial.replace(target)


def quantize_static_int8(source: Path, target: Path, feeds: Sequence[Feed], calibration: Calibration) -> None:
    """int8 weights, a scale a column; inputs uint8 with a scale a tensor, fixed on ``feeds`` beforehand.

    A text's result then depends on nothing but the text. Outputs stay float: biases, residuals, GELU,
    softmax and normalisation lose nothing.
    """
    if not feeds:
        raise ArtifactError(f"{target.name}: static quantisation needs texts to calibrate on")
    if calibration != "minmax":
        feeds = _of_one_length(feeds)
    graph = Graph.load(source)
    merge_biases(graph)
    for name in {node.input[0] for node in graph.encoder_matmuls()}:
        graph.model.graph.value_info.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    names = [node.name for node in graph.encoder_matmuls()]
    quantize_static(
        graph.model,
        target,
        _CalibrationReader(feeds),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["MatMul"],
        nodes_to_quantize=names,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=_METHODS[calibration],
        extra_options={
            **_FLOAT,
            "OpTypesToExcludeOutputQuantization": ["MatMul"],
            "QDQOpTypePerChannelSupportToAxis": {"MatMul": 1},
        },
    )


def quantize_blockwise(source: Path, target: Path, bits: Literal[4, 8], block: int) -> None:
    """Weights in blocks of a column's neighbours, a scale each; inputs int8 in blocks of a row, as they come.

    A text's result does not depend on its neighbours in a batch.
    """
    graph = Graph.load(source)
    merge_biases(graph)
    graph.declare_contrib_ops()
    for node in list(graph.encoder_matmuls()):
        name = node.input[1]
        weight = numpy_helper.to_array(graph.initializers()[name])
        depth, columns = weight.shape
        rows = np.pad(weight.T, ((0, 0), (0, -depth % block)))
        parts = tables.pack_int8_blocks(rows, block) if bits == 8 else tables.pack_int4_blocks(rows, block)
        names = [graph.add_initializer(f"{name}_{part}", value) for part, value in parts.items()]
        sizes = {"K": depth, "N": columns, "bits": bits, "block_size": block, "accuracy_level": _INT8}
        made = helper.make_node(
            "MatMulNBits", [node.input[0], *names], node.output, node.name, domain=CONTRIB_DOMAIN, **sizes
        )
        graph.replace(node, made)
    graph.save(target)


def _of_one_length(feeds: Sequence[Feed]) -> list[Feed]:
    """The feeds of the commonest length: onnxruntime's histograms want every tensor of one shape."""
    lengths = [feed["input_ids"].shape for feed in feeds]
    commonest = max(set(lengths), key=lengths.count)
    return [feed for feed, length in zip(feeds, lengths, strict=True) if length == commonest]


class _CalibrationReader(CalibrationDataReader):  # type: ignore[misc]
    """Hands one feed after another to the calibration."""

    def __init__(self, feeds: Sequence[Feed]) -> None:
        self._feeds: Iterator[Feed] = iter(feeds)

    def get_next(self) -> Feed | None:
        return next(self._feeds, None)
