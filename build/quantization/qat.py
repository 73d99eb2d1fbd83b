"""Quantization-aware training (QAT): the encoder's linear layers compute with int8 rounding errors.

Jacob et al. 2018 (https://arxiv.org/abs/1712.05877): the rounding of weights and inputs is simulated in float
during training, and gradients ignore it (straight-through). Weights are int8, symmetric, with one scale per
output channel; inputs are uint8 with one scale and zero point per tensor, computed at run time as
onnxruntime's DynamicQuantizeLinear does. Parameters keep their place and names, so optimizers, checkpoints
and the export work unchanged.
"""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from build.text_encoder import TextEncoder

_SMALLEST = 1e-12
_Layer = TypeVar("_Layer", bound=nn.Linear)


class FakeQuantizedLinear(nn.Linear):
    """A linear layer whose weight and input have 8-bit rounding errors."""

    @classmethod
    def sharing(cls, plain: nn.Linear) -> FakeQuantizedLinear:
        """A layer that shares the parameters of ``plain``."""
        return _sharing(cls, plain)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - torch's name
        with torch.autocast(input.device.type, enabled=False):
            weight, quantized_input = fake_weight(self.weight.float()), fake_input(input.float())
        return linear(quantized_input, weight, self.bias)


def prepare_qat(model: TextEncoder) -> TextEncoder:
    """Simulate int8 in the encoder's linear layers, in place; heads stay as they are."""
    for parent, name, layer in _linears(model, nn.Linear):
        setattr(parent, name, FakeQuantizedLinear.sharing(layer))
    return model


def remove_fake_quantization(model: TextEncoder) -> TextEncoder:
    """Undo `prepare_qat`, in place; the parameters keep their trained values."""
    for parent, name, layer in _linears(model, FakeQuantizedLinear):
        setattr(parent, name, _sharing(nn.Linear, layer))
    return model


def fake_weight(weight: Tensor) -> Tensor:
    """Round each number to int8, with one scale per row (output channel)."""
    scale = (weight.detach().abs().amax(dim=1, keepdim=True) / 127).clamp(min=_SMALLEST)
    return _straight_through(weight, (weight.detach() / scale).round() * scale)


def fake_input(values: Tensor) -> Tensor:
    """Round each number to uint8, with one scale and zero point for all; zero is exact."""
    fixed = values.detach()
    low, high = fixed.min().clamp(max=0), fixed.max().clamp(min=0)
    scale = ((high - low) / 255).clamp(min=_SMALLEST)
    zero = (-low / scale).round().clamp(0, 255)
    return _straight_through(values, ((fixed / scale).round() + zero).clamp(0, 255).sub(zero) * scale)


def _straight_through(exact: Tensor, rounded: Tensor) -> Tensor:
    return exact + (rounded - exact.detach())


def _sharing(kind: type[_Layer], plain: nn.Linear) -> _Layer:
    layer: _Layer = kind(1, 1, plain.bias is not None, device="meta")
    layer.in_features, layer.out_features = plain.in_features, plain.out_features
    layer.weight, layer.bias = plain.weight, plain.bias
    layer.train(plain.training)
    return layer


def _linears(model: TextEncoder, kind: type[nn.Linear]) -> list[tuple[nn.Module, str, nn.Linear]]:
    """(parent, name, layer) of the encoder's layers of exactly this type."""
    return [
        (parent, name, child)
        for parent in model.bert.modules()
        for name, child in parent.named_children()
        if type(child) is kind
    ]
