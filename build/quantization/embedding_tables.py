"""Quantizes embedding tables, which are half of all weights, to 8 or 4 bits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from build.quantization.graph import CONTRIB_DOMAIN, Array, Graph

_Floats = npt.NDArray[np.float32]
_Rewrite = Callable[[Graph, onnx.NodeProto, _Floats], list[onnx.NodeProto]]
_BLOCK = 32
"""Adjacent numbers that share a scale in 4 bits; a power of two, at least 16."""


def quantize_int8(graph: Graph) -> None:
    """Rewrite the tables as int8 with one scale per row: a lookup, then a multiplication."""
    _rewrite(graph, _int8_lookup)


def quantize_int4(graph: Graph) -> None:
    """Rewrite the tables as 4 bits with a scale and zero point per 32 numbers (an onnxruntime operator)."""
    graph.declare_contrib_ops()
    _rewrite(graph, _int4_lookup)


def quantize_rows(table: _Floats) -> tuple[npt.NDArray[np.int8], _Floats]:
    """int8 (rows, width) and scales (rows, 1) whose product approximates ``table``; symmetric."""
    scales = np.abs(table).max(axis=1, keepdims=True) / 127
    scales = np.where(scales > 0, scales, 1).astype(np.float32)
    return np.rint(table / scales).astype(np.int8), scales


def quantize_blocks(
    table: _Floats, block: int = _BLOCK
) -> tuple[npt.NDArray[np.uint8], _Floats, npt.NDArray[np.uint8]]:
    """4-bit numbers 0..15 (rows, width), scales and zero points (rows, blocks); asymmetric."""
    blocks = table.reshape(len(table), -1, block)
    low, high = np.minimum(blocks.min(axis=2), 0), np.maximum(blocks.max(axis=2), 0)
    scales = np.where(high > low, (high - low) / 15, 1).astype(np.float32)
    zeros = np.clip(np.rint(-low / scales), 0, 15)
    quantized = np.clip(np.rint(blocks / scales[..., None]) + zeros[..., None], 0, 15)
    return quantized.astype(np.uint8).reshape(table.shape), scales, zeros.astype(np.uint8)


def pack_int4_blocks(rows: _Floats, block: int) -> dict[str, Array]:
    """Rows in the layout of MatMulNBits: (rows, blocks, bytes), scales and zero points of each block."""
    quantized, scales, zeros = quantize_blocks(rows, block)
    packed = _pack(quantized).reshape(len(rows), -1, block // 2)
    return {"int4": packed, "scales": scales, "zeros": _pack(zeros)}


def pack_int8_blocks(rows: _Floats, block: int) -> dict[str, Array]:
    """The same in 8 bits, symmetric about 128, the operator's default zero point."""
    quantized, scales = quantize_rows(rows.reshape(-1, block))
    shifted = (quantized.astype(np.int16) + 128).astype(np.uint8)
    return {"int8": shifted.reshape(len(rows), -1, block), "scales": scales.reshape(len(rows), -1)}


def _rewrite(graph: Graph, rewrite: _Rewrite) -> None:
    for node in list(graph.embedding_lookups()):
        table = numpy_helper.to_array(graph.initializers()[node.input[0]])
        graph.replace(node, *rewrite(graph, node, table))


def _int8_lookup(graph: Graph, node: onnx.NodeProto, table: _Floats) -> list[onnx.NodeProto]:
    name, ids = node.input
    quantized, scales = quantize_rows(table)
    graph.add_initializer(f"{name}_int8", quantized)
    graph.add_initializer(f"{name}_scales", scales)
    looked_up, as_float, scale = (f"{node.output[0]}_{part}" for part in ("int8", "float", "scale"))
    return [
        helper.make_node("Gather", [f"{name}_int8", ids], [looked_up], f"{node.name}_int8"),
        helper.make_node("Cast", [looked_up], [as_float], f"{node.name}_float", to=TensorProto.FLOAT),
        helper.make_node("Gather", [f"{name}_scales", ids], [scale], f"{node.name}_scale"),
        helper.make_node("Mul", [as_float, scale], [node.output[0]], node.name),
    ]


def _int4_lookup(graph: Graph, node: onnx.NodeProto, table: _Floats) -> list[onnx.NodeProto]:
    name, ids = node.input
    if table.shape[1] % _BLOCK:  # the width must be a multiple of the block
        return _int8_lookup(graph, node, table)
    quantized, scales, zeros = quantize_blocks(table)
    parts: dict[str, Array] = {"numbers": _pack(quantized), "scales": scales, "zeros": _pack(zeros)}
    names = {part: graph.add_initializer(f"{name}_{part}", value) for part, value in parts.items()}
    return [
        helper.make_node(
            "GatherBlockQuantized",
            [names["numbers"], ids, names["scales"], names["zeros"]],
            [node.output[0]],
            node.name,
            domain=CONTRIB_DOMAIN,
            gather_axis=0,
            quantize_axis=1,
            block_size=_BLOCK,
            bits=4,
        )
    ]


def _pack(numbers: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Two 4-bit numbers per byte along the last axis, the first in the lower half."""
    if numbers.shape[1] % 2:
        numbers = np.pad(numbers, ((0, 0), (0, 1)))
    return np.asarray(numbers[:, ::2] | (numbers[:, 1::2] << 4))
