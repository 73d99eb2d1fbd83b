"""Weights left out: single ones by size, or neurons and attention heads by how much the loss needs them.

Single weights (Han et al. 2015, https://arxiv.org/abs/1506.02626) become zeros: a dense graph is neither
smaller nor quicker for them. Neurons and heads leave their matrices smaller. Their importance is the size of
the loss's first-order change without them (Michel et al. 2019, https://arxiv.org/abs/1905.10650).
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
    """Mean over texts of the loss's change without each: neurons (layers, neurons), heads (layers, heads)."""

    neurons: Tensor
    heads: Tensor


def prune_weights(model: TextEncoder, share: float) -> None:
    """Zero the smallest ``share`` of the encoder's weights and hold them at zero while training goes on.

    Until `settle`, weights are named ``weight_orig`` and ``weight_mask``.
    """
    layers = [(layer, "weight") for layer in model.bert.encoder.modules() if isinstance(layer, nn.Linear)]
    prune.global_unstructured(layers, prune.L1Unstructured, amount=share)


def make_permanent(model: TextEncoder) -> None:
    """Make the zeros plain weights again, and names what they were."""
    for layer in model.modules():
        if prune.is_pruned(layer) and isinstance(layer, nn.Linear):
            prune.remove(layer, "weight")  # type: ignore[no-untyped-call]


def importance(model: TextEncoder, batches: Iterable[Batch], loss: Loss) -> Importance:
    """How much the loss would change without each neuron and each attention head."""
    model.eval()
    layers = _layers(model)
    inner: list[nn.Linear] = [layer.output.dense for layer in layers]
    mixed: list[nn.Linear] = [layer.attention.output.dense for layer in layers]
    with _watching([*inner, *mixed]) as watched:
        for ids, mask, targets in batches:
            found: Tensor = loss(model(ids, mask), targets)
            found.backward()  # type: ignore[no-untyped-call]
            model.zero_grad(set_to_none=True)
    size = model.bert.config.hidden_size // model.bert.config.num_attention_heads
    neurons = torch.stack([watched[layer] for layer in inner])
    heads = torch.stack([watched[layer].view(-1, size).sum(1) for layer in mixed])
    return Importance(neurons, heads)


def prune_structures(model: TextEncoder, found: Importance, neurons: int, heads: int) -> None:
    """Keep each layer's most important ``neurons`` and ``heads``, in place; every layer keeps as many."""
    size = model.bert.config.hidden_size // model.bert.config.num_attention_heads
    for at, layer in enumerate(_layers(model)):
        kept = found.neurons[at].topk(neurons).indices.sort().values
        _keep_outputs(layer.intermediate.dense, kept)
        _keep_inputs(layer.output.dense, kept)
        chosen = found.heads[at].topk(heads).indices.sort().values
        channels = (chosen[:, None] * size + torch.arange(size)).flatten()
        attention = layer.attention.self
        for projection in (attention.query, attention.key, attention.value):
            _keep_outputs(projection, channels)
        _keep_inputs(layer.attention.output.dense, channels)
        attention.num_attention_heads, attention.all_head_size = heads, heads * size


def _layers(model: TextEncoder) -> list[Any]:
    """The encoder's layers, whose parts torch knows by name alone."""
    return list(model.bert.encoder.layer)


@contextmanager
def _watching(layers: list[nn.Linear]) -> Iterator[dict[nn.Module, Tensor]]:
    """Sums, over rows, the size of input times gradient for each input channel of the layers."""
    seen: dict[nn.Module, Tensor] = {layer: torch.zeros(layer.in_features) for layer in layers}

    def watch(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        (value,) = inputs
        value.register_hook(partial(add, layer, value.detach()))  # type: ignore[no-untyped-call]

    def add(layer: nn.Module, value: Tensor, slope: Tensor) -> None:
        seen[layer] += (value * slope).sum(1).abs().sum(0)  # of each text, over its tokens, then over texts

    handles = [layer.register_forward_pre_hook(watch) for layer in layers]
    try:
        yield seen
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
