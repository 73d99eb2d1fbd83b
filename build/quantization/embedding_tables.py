"""Embedding tables, half of all weights, in 8 or 4 bits; each row has its own scale, or several."""

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
"""Neighbouring numbers that share a scale in 4 bits; a power of two, at least 16."""


def quantize_int8(graph: Graph) -> None:
    """int8 with a scale a row: looked up, then multiplied."""
    _rewrite(graph, _eight_bits)


def quantize_int4(graph: Graph) -> None:
    """4 bits with a scale and a zero point every 32 numbers, read by onnxruntime's own operator."""
    graph.declare_contrib_ops()
    _rewrite(graph, _four_bits)


def quantize_rows(table: _Floats) -> tuple[npt.NDArray[np.int8], _Floats]:
    """int8 (rows, width) and scales (rows, 1), whose product is nearest to ``table``; symmetric."""
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
    numbers = np.clip(np.rint(blocks / scales[..., None]) + zeros[..., None], 0, 15)
    return numbers.astype(np.uint8).reshape(table.shape), scales, zeros.astype(np.uint8)


def pack_int4_blocks(rows: _Floats, block: int) -> dict[str, Array]:
    """Rows as MatMulNBits takes them: (rows, blocks, bytes), scales and zero points of each block."""
    numbers, scales, zeros = quantize_blocks(rows, block)
    packed = _pack(numbers).reshape(len(rows), -1, block // 2)
    return {"int4": packed, "scales": scales, "zeros": _pack(zeros)}


def pack_int8_blocks(rows: _Floats, block: int) -> dict[str, Array]:
    """Likewise in 8 bits, symmetric about the operator's own zero point, 128."""
    numbers, scales = quantize_rows(rows.reshape(-1, block))
    shifted = (numbers.astype(np.int16) + 128).astype(np.uint8)
    return {"int8": shifted.reshape(len(rows), -1, block), "scales": scales.reshape(len(rows), -1)}


def _rewrite(graph: Graph, rewrite: _Rewrite) -> None:
    for node in list(graph.embedding_lookups()):
        table = numpy_helper.to_array(graph.initializers()[node.input[0]])
        graph.replace(node, *rewrite(graph, node, table))


def _eight_bits(graph: Graph, node: onnx.NodeProto, table: _Floats) -> list[onnx.NodeProto]:
    name, ids = node.input
    numbers, scales = quantize_rows(table)
    graph.add_initializer(f"{name}_int8", numbers)
    graph.add_initializer(f"{name}_scales", scales)
    found, wide, scale = (f"{node.output[0]}_{part}" for part in ("int8", "float", "scale"))
    return [
        helper.make_node("Gather", [f"{name}_int8", ids], [found], f"{node.name}_int8"),
        helper.make_node("Cast", [found], [wide], f"{node.name}_float", to=TensorProto.FLOAT),
        helper.make_node("Gather", [f"{name}_scales", ids], [scale], f"{node.name}_scale"),
        helper.make_node("Mul", [wide, scale], [node.output[0]], node.name),
    ]


def _four_bits(graph: Graph, node: onnx.NodeProto, table: _Floats) -> list[onnx.NodeProto]:
    name, ids = node.input
    if table.shape[1] % _BLOCK:  # a table this narrow is not worth it
        return _eight_bits(graph, node, table)
    numbers, scales, zeros = quantize_blocks(table)
    parts: dict[str, Array] = {"numbers": _pack(numbers), "scales": scales, "zeros": _pack(zeros)}
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
    """Two 4-bit numbers a byte along the last axis, the first in the low half."""
    if numbers.shape[1] % 2:
        numbers = np.pad(numbers, ((0, 0), (0, 1)))
    return np.asarray(numbers[:, ::2] | (numbers[:, 1::2] << 4))
