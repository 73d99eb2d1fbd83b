"""Operator fusion by onnxruntime's transformer optimizer, without the one fusion that is slower.

Attention becomes one MultiHeadAttention operator per layer (the projections stay matrix products, so that
every quantization method applies), and GELU with its bias another. SkipLayerNormalization is prevented, here
and when a session opens: on the CPU it takes five times as long as the Add and the LayerNormalization it
replaces. Therefore the Add becomes a Sum, which computes the same and is not fused.
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
    """Fuse the float32 encoder ``source``, with ``heads`` attention heads per layer, into ``target``.

    Raises:
        ArtifactError: attention was not recognized, so fusion would not help.
    """
    layers = Graph.load(source).count("Softmax")
    fused = Graph(_optimize(source, heads, width))
    if not layers or fused.count(_ATTENTION) != layers:
        raise ArtifactError(f"{source.name}: fused {fused.count(_ATTENTION)} of {layers} attention layers")
    for node in _residual_adds(fused):
        node.op_type = "Sum"
    fused.save(target)


def merge_biases(graph: Graph) -> None:
    """Let each residual sum add the preceding product's bias: one pass over the tensor, not two."""
    producers, initializers = graph.producers(), graph.initializers()
    for residual in [node for node in graph.nodes if node.op_type == "Sum" and len(node.input) == 2]:
        for name in list(residual.input):
            bias_add = producers.get(name)
            if bias_add is not None and bias_add.op_type == "Add" and set(bias_add.input) & set(initializers):
                residual.input.remove(name)
                residual.input[:] = [*sorted(bias_add.input, key=initializers.__contains__), *residual.input]
                graph.nodes.remove(bias_add)


def _optimize(source: Path, heads: int, width: int) -> onnx.ModelProto:
    options = FusionOptions("bert")
    options.use_multi_head_attention = True
    options.attention_mask_format = AttentionMaskFormat.AttentionMask
    options.enable_skip_layer_norm = options.enable_bias_skip_layer_norm = False
    options.enable_embed_layer_norm = False  # its tables could not be quantized row by row
    optimized: onnx.ModelProto = optimize_model(
        str(source), "bert", num_heads=heads, hidden_size=width, opt_level=0, optimization_options=options
    ).model
    return optimized


def _residual_adds(graph: Graph) -> list[onnx.NodeProto]:
    """The additions whose output goes into a layer normalization."""
    producers = graph.producers()
    inputs = (producers.get(node.input[0]) for node in graph.nodes if node.op_type == "LayerNormalization")
    return [node for node in inputs if node is not None and node.op_type == "Add"]
