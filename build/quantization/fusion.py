"""A graph of few large operators: onnxruntime's transformer fusion, without the one fusion that is slower.

Attention becomes one MultiHeadAttention operator a layer (the projections stay matrix products, so that
every way of quantising them applies), and GELU with its bias another. SkipLayerNormalization is kept from
forming, here and when a session opens: on the CPU it takes five times as long as the Add and the
LayerNormalization it replaces. A Sum, which computes the same, is not fused.
"""

from __future__ import annotations

from pathlib import Path

import onnx
from onnxruntime.transformers.fusion_options import AttentionMaskFormat, FusionOptions
from onnxruntime.transformers.optimizer import optimize_model

from build.errors import ArtifactError
from build.quantization.graph import Graph

_ATTENTION = "MultiHeadAttention"


def fuse(source: Path, target: Path, heads: int, width: int) -> None:
    """Write ``source``, a float32 encoder with ``heads`` attention heads a layer, ``width`` wide, fused.

    Raises:
        ArtifactError: attention is not where it is expected, so nothing would be gained.
    """
    layers = Graph.load(source).count("Softmax")
    fused = Graph(_optimise(source, heads, width))
    if not layers or fused.count(_ATTENTION) != layers:
        raise ArtifactError(f"{source.name}: fused {fused.count(_ATTENTION)} of {layers} attention layers")
    for total in _residuals(fused):
        total.op_type = "Sum"
    fused.save(target)


def merge_biases(graph: Graph) -> None:
    """Let each residual sum add the bias of the product before it: one pass over the tensor, not two."""
    makers, weights = graph.producers(), graph.initializers()
    for total in [node for node in graph.nodes if node.op_type == "Sum" and len(node.input) == 2]:
        for name in list(total.input):
            shift = makers.get(name)
            if shift is not None and shift.op_type == "Add" and set(shift.input) & set(weights):
                total.input.remove(name)
                total.input[:] = [*sorted(shift.input, key=weights.__contains__), *total.input]
                graph.nodes.remove(shift)


def _optimise(source: Path, heads: int, width: int) -> onnx.ModelProto:
    options = FusionOptions("bert")
    options.use_multi_head_attention = True
    options.attention_mask_format = AttentionMaskFormat.AttentionMask
    options.enable_skip_layer_norm = options.enable_bias_skip_layer_norm = False
    options.enable_embed_layer_norm = False  # its tables could not be quantised row by row
    done: onnx.ModelProto = optimize_model(
        str(source), "bert", num_heads=heads, hidden_size=width, opt_level=0, optimization_options=options
    ).model
    return done


def _residuals(graph: Graph) -> list[onnx.NodeProto]:
    """The additions that a layer normalisation reads."""
    makers = graph.producers()
    before = (makers.get(node.input[0]) for node in graph.nodes if node.op_type == "LayerNormalization")
    return [node for node in before if node is not None and node.op_type == "Add"]
