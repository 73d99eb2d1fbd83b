"""Quantizes the encoder's matrix products to integers: dynamic, static and blockwise."""

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
CalibrationMethodName = Literal["minmax", "percentile", "entropy"]
_METHODS = {
    "minmax": CalibrationMethod.MinMax,
    "percentile": CalibrationMethod.Percentile,
    "entropy": CalibrationMethod.Entropy,
}
_INT8 = 4  # the operator's code for inputs quantized to 8 bits
_FLOAT = {"DefaultTensorType": TensorProto.FLOAT}  # shape inference does not know onnxruntime's own operators


def quantize_dynamic_int8(source: Path, target: Path) -> None:
    """int8 weights with one scale per column; uint8 inputs with one scale per tensor, set at run time."""
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
    """The same for the graph as exported, and its tables as int8 with one scale per table."""
    graph = Graph.load(source)
    encoder_names = [node.name for node in graph.encoder_matmuls()]
    product_names = [node.name for node in graph.nodes if node.op_type in ("Gemm", "MatMul")]
    head_names = [name for name in product_names if name not in encoder_names]
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        partial = Path(scratch) / target.name
        quantize_dynamic(
            source,
            partial,
            per_channel=True,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=[*head_names, *(f"{name}_MatMul" for name in head_names)],
        )
        partial.replace(target)


def quantize_static_int8(
    source: Path, target: Path, feeds: Sequence[Feed], calibration: CalibrationMethodName
) -> None:
    """int8 weights with one scale per column; uint8 inputs with one calibrated scale per tensor.

    A text's result then depends on the text alone. Outputs stay float: biases, residuals, GELU, softmax and
    normalization keep full precision.
    """
    if not feeds:
        raise ArtifactError(f"{target.name}: static quantization needs texts to calibrate on")
    if calibration != "minmax":
        feeds = _most_common_length(feeds)
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
    """Weights in blocks of a column with one scale each; int8 inputs in blocks of a row, scaled at run time.

    A text's result does not depend on the other texts in a batch.
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
        replacement = helper.make_node(
            "MatMulNBits", [node.input[0], *names], node.output, node.name, domain=CONTRIB_DOMAIN, **sizes
        )
        graph.replace(node, replacement)
    graph.save(target)


def _most_common_length(feeds: Sequence[Feed]) -> list[Feed]:
    """The feeds of the most common length: onnxruntime's histograms need tensors of equal shape."""
    lengths = [feed["input_ids"].shape for feed in feeds]
    most_common = max(set(lengths), key=lengths.count)
    return [feed for feed, length in zip(feeds, lengths, strict=True) if length == most_common]


class _CalibrationReader(CalibrationDataReader):  # type: ignore[misc]
    """Feeds one text after another to the calibration."""

    def __init__(self, feeds: Sequence[Feed]) -> None:
        self._feeds: Iterator[Feed] = iter(feeds)

    def get_next(self) -> Feed | None:
        return next(self._feeds, None)
