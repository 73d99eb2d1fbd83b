"""Transformer decoder layers with cached keys and values."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig

MASKED = -1e4
"""Added to an attention score to mask it."""

KeysValues = tuple[Tensor, Tensor]
"""Each (batch, heads, tokens, width / heads)."""


class Attention(nn.Module):
    """Multi-head attention whose keys and values can be computed once and cached."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def forward(self, states: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Tensor:
        """(batch, target, width), from keys and values (batch, heads, tokens, width / heads)."""
        mixed = functional.scaled_dot_product_attention(
            self.split_heads(self.query(states)), keys, values, attn_mask=bias.to(keys.dtype)
        )
        out: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return out

    def keys_values(self, states: Tensor) -> KeysValues:
        """Keys and values of ``states`` (batch, tokens, width)."""
        return self.split_heads(self.key(states)), self.split_heads(self.value(states))

    def split_heads(self, states: Tensor) -> Tensor:
        """(batch, tokens, width) to (batch, heads, tokens, width / heads)."""
        split: Tensor = states.unflatten(-1, (self.heads, -1))  # type: ignore[no-untyped-call]
        return split.transpose(1, 2)


class DecoderLayer(nn.Module):
    """Self-attention, cross-attention to the source, feed-forward; layer norm after each residual sum."""

    def __init__(self, shape: BertConfig, dropout: float) -> None:
        super().__init__()
        width = shape.hidden_size
        self.self_attention = Attention(width, shape.num_attention_heads)
        self.self_norm = nn.LayerNorm(width, eps=shape.layer_norm_eps)
        self.cross_attention = Attention(width, shape.num_attention_heads)
        self.cross_norm = nn.LayerNorm(width, eps=shape.layer_norm_eps)
        self.inner = nn.Linear(width, shape.intermediate_size)
        self.outer = nn.Linear(shape.intermediate_size, width)
        self.norm = nn.LayerNorm(width, eps=shape.layer_norm_eps)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, states: Tensor, past: KeysValues, causal_bias: Tensor, source: KeysValues, source_bias: Tensor
    ) -> tuple[Tensor, KeysValues]:
        """The new states, and the keys and values of all target tokens so far."""
        keys, values = self.self_attention.keys_values(states)
        present = torch.cat([past[0], keys], dim=2), torch.cat([past[1], values], dim=2)
        attended = self.self_attention(states, *present, causal_bias)
        states = self.self_norm(states + self.dropout(attended))
        states = self.cross_norm(states + self.dropout(self.cross_attention(states, *source, source_bias)))
        inner = functional.gelu(self.inner(states))
        return self.norm(states + self.dropout(self.outer(inner))), present


def causal_bias(positions: Tensor, tokens: int) -> Tensor:
    """Attention bias (1, 1, target, ``tokens``) that masks later tokens."""
    later = torch.arange(tokens, device=positions.device)[None, :] > positions[:, None]
    return (later.float() * MASKED)[None, None]
