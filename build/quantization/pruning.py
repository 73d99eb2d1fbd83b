"""Pruning: single weights by magnitude, or neurons and attention heads by their importance for the loss.

Pruned weights (Han et al. 2015, https://arxiv.org/abs/1506.02626) become zeros, which make a dense graph
neither smaller nor faster. Pruned neurons and heads make the matrices smaller. Their importance is the
absolute first-order change of the loss without them (Michel et al. 2019, https://arxiv.org/abs/1905.10650).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils import prune

from build.text_encoder import Output, TextEncoder

Batch = tuple[Tensor, Tensor, Tensor]
"""``input_ids``, ``attention_mask`` and targets."""
Loss = Callable[[Output, Tensor], Tensor]


class Importance(NamedTuple):
    """Mean change of the loss without each neuron (layers, neurons) and each head (layers, heads)."""

    neurons: Tensor
    heads: Tensor


def prune_weights(model: TextEncoder, share: float) -> None:
    """Set the smallest ``share`` of the encoder's weights to zero and keep them there during training.

    Until `make_permanent`, the parameters are named ``weight_orig`` and ``weight_mask``.
    """
    layers = [(layer, "weight") for layer in model.bert.encoder.modules() if isinstance(layer, nn.Linear)]
    prune.global_unstructured(layers, prune.L1Unstructured, amount=share)


def make_permanent(model: TextEncoder) -> None:
    """Make the zeros ordinary weights again, under their original names."""
    for layer in model.modules():
        if prune.is_pruned(layer) and isinstance(layer, nn.Linear):
            prune.remove(layer, "weight")  # type: ignore[no-untyped-call]


def importance(model: TextEncoder, batches: Iterable[Batch], loss: Loss) -> Importance:
    """How much the loss would change without each neuron and each attention head."""
    model.eval()
    layers = _layers(model)
    feed_forward: list[nn.Linear] = [layer.output.dense for layer in layers]
    attention: list[nn.Linear] = [layer.attention.output.dense for layer in layers]
    with _gradient_times_input([*feed_forward, *attention]) as scores:
        for ids, mask, targets in batches:
            value: Tensor = loss(model(ids, mask), targets)
            value.backward()  # type: ignore[no-untyped-call]
            model.zero_grad(set_to_none=True)
    head_width = model.bert.config.hidden_size // model.bert.config.num_attention_heads
    neurons = torch.stack([scores[layer] for layer in feed_forward])
    heads = torch.stack([scores[layer].view(-1, head_width).sum(1) for layer in attention])
    return Importance(neurons, heads)


def prune_structures(model: TextEncoder, importances: Importance, neurons: int, heads: int) -> None:
    """Keep the ``neurons`` and ``heads`` most important ones of each layer, in place."""
    head_width = model.bert.config.hidden_size // model.bert.config.num_attention_heads
    for index, layer in enumerate(_layers(model)):
        neuron_ids = importances.neurons[index].topk(neurons).indices.sort().values
        _keep_outputs(layer.intermediate.dense, neuron_ids)
        _keep_inputs(layer.output.dense, neuron_ids)
        head_ids = importances.heads[index].topk(heads).indices.sort().values
        channels = (head_ids[:, None] * head_width + torch.arange(head_width)).flatten()
        attention = layer.attention.self
        for projection in (attention.query, attention.key, attention.value):
            _keep_outputs(projection, channels)
        _keep_inputs(layer.attention.output.dense, channels)
        attention.num_attention_heads, attention.all_head_size = heads, heads * head_width


def _layers(model: TextEncoder) -> list[Any]:
    """The encoder's layers; torch has no types for their parts."""
    return list(model.bert.encoder.layer)


@contextmanager
def _gradient_times_input(layers: list[nn.Linear]) -> Iterator[dict[nn.Module, Tensor]]:
    """Sums of the absolute input times gradient over rows, for each input channel of the layers."""
    sums: dict[nn.Module, Tensor] = {layer: torch.zeros(layer.in_features) for layer in layers}

    def hook(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        (value,) = inputs
        value.register_hook(partial(add, layer, value.detach()))  # type: ignore[no-untyped-call]

    def add(layer: nn.Module, value: Tensor, gradient: Tensor) -> None:
        sums[layer] += (value * gradient).sum(1).abs().sum(0)  # sum over a text's tokens, then over texts

    handles = [layer.register_forward_pre_hook(hook) for layer in layers]
    try:
        yield sums
    finally:
        for handle in handles:
            handle.remove()


def _keep_outputs(layer: nn.Linear, kept: Tensor) -> None:
    layer.weight = nn.Parameter(layer.weight.detach()[kept].clone())
    layer.bias = nn.Parameter(layer.bias.detach()[kept].clone())
    layer.out_features = len(kept)


def _keep_inputs(layer: nn.Linear, kept: Tensor) -> None:
    layer.weight = nn.Parameter(layer.weight.detach()[:, kept].clone())
    layer.in_features = len(kept)
