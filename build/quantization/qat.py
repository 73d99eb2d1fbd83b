"""Quantisation-aware training: every linear layer of the encoder computes as its int8 form will.

Jacob et al. 2018 (https://arxiv.org/abs/1712.05877): what quantisation would do to weights and inputs is done
in float during training, and gradients pass as if it were not (straight through). Weights are int8,
symmetric, a scale an output channel; inputs uint8 with a scale and zero point a tensor, found as they come,
as onnxruntime's DynamicQuantizeLinear does. Parameters stay where they are and keep their names: optimisers,
checkpoints and the export never notice.
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
    """A linear layer whose weight and input carry the error of 8 bits."""

    @classmethod
    def sharing(cls, plain: nn.Linear) -> FakeQuantizedLinear:
        """A layer over the very parameters of ``plain``."""
        return _sharing(cls, plain)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - torch's name
        with torch.autocast(input.device.type, enabled=False):
            weight, seen = fake_weight(self.weight.float()), fake_input(input.float())
        return linear(seen, weight, self.bias)


def prepare_qat(model: TextEncoder) -> TextEncoder:
    """Let the encoder's linear layers compute as in int8, in place; heads stay as they are."""
    for parent, name, layer in _linears(model, nn.Linear):
        setattr(parent, name, FakeQuantizedLinear.sharing(layer))
    return model


def remove_fake_quantization(model: TextEncoder) -> TextEncoder:
    """Undo `prepare`, in place; the parameters keep what they learned."""
    for parent, name, layer in _linears(model, FakeQuantizedLinear):
        setattr(parent, name, _sharing(nn.Linear, layer))
    return model


def fake_weight(weight: Tensor) -> Tensor:
    """Nearest int8 value of each number; one scale a row (output channel)."""
    scale = (weight.detach().abs().amax(dim=1, keepdim=True) / 127).clamp(min=_SMALLEST)
    return _straight_through(weight, (weight.detach() / scale).round() * scale)


def fake_input(values: Tensor) -> Tensor:
    """Nearest uint8 value of each number; one scale and zero point for all, zero always exact."""
    fixed = values.detach()
    low, high = fixed.min().clamp(max=0), fixed.max().clamp(min=0)
    scale = ((high - low) / 255).clamp(min=_SMALLEST)
    zero = (-low / scale).round().clamp(0, 255)
    return _straight_through(values, ((fixed / scale).round() + zero).clamp(0, 255).sub(zero) * scale)


def _straight_through(exact: Tensor, rounded: Tensor) -> Tensor:
    return exact + (rounded - exact.detach())


def _sharing(kind: type[_Layer], plain: nn.Linear) -> _Layer:
    made: _Layer = kind(1, 1, plain.bias is not None, device="meta")
    made.in_features, made.out_features = plain.in_features, plain.out_features
    made.weight, made.bias = plain.weight, plain.bias
    made.train(plain.training)
    return made


def _linears(model: TextEncoder, kind: type[nn.Linear]) -> list[tuple[nn.Module, str, nn.Linear]]:
    """(parent, name, layer) of the encoder's layers of exactly this kind."""
    return [
        (parent, name, child)
        for parent in model.bert.modules()
        for name, child in parent.named_children()
        if type(child) is kind
    ]
