"""The network: MiniLM's encoder, a small decoder, and a pointer that copies from the source.

A summary's next token comes from a vocabulary of common tokens or from the source: p = (1 - g) p_common +
g p_copy, with the gate g and the copy distribution computed from the decoder's state (See et al. 2017,
https://aclanthology.org/P17-1099). The decoder's layers begin as layers of the encoder (Rothe et al. 2020,
https://aclanthology.org/2020.tacl-1.18), attention to the source as attention to itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig, BertModel

from build.base_model import BaseModel
from build.summarization.config import Network

NEVER = -1e4
"""Added to an attention score, leaves nothing of it after the softmax."""
IMPOSSIBLE = -1e9
"""log p of what cannot be, without infinities in its gradient."""
TINY = 1e-12


class EncodedSource(NamedTuple):
    """A source as the decoder reads it.

    ``keys``, ``values``: by layer, each (batch, heads, source, width / heads). ``copy``: (batch, source,
    width). ``unseen``: (batch, 1, 1, source), 0 on tokens and ``NEVER`` on padding. ``ids``: (batch, source).
    """

    keys: tuple[Tensor, ...]
    values: tuple[Tensor, ...]
    copy: Tensor
    unseen: Tensor
    ids: Tensor


class DecoderOutput(NamedTuple):
    """What the decoder says at each place.

    ``common``: logits (batch, target, common tokens). ``copy``: logits (batch, target, source), padding
    included at ``NEVER``. ``gate``: logits (batch, target, 1) of copying.
    """

    common: Tensor
    copy: Tensor
    gate: Tensor


class Attention(nn.Module):
    """Multi-head attention whose keys and values can be computed once and kept."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def forward(self, states: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Tensor:
        """(batch, target, width), from keys and values (batch, heads, seen, width / heads)."""
        mixed = functional.scaled_dot_product_attention(
            self.split(self.query(states)), keys, values, attn_mask=bias.to(keys.dtype)
        )
        out: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return out

    def look(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of ``states`` (batch, seen, width)."""
        return self.split(self.key(states)), self.split(self.value(states))

    def split(self, states: Tensor) -> Tensor:
        parted: Tensor = states.unflatten(-1, (self.heads, -1))  # type: ignore[no-untyped-call]
        return parted.transpose(1, 2)


class DecoderLayer(nn.Module):
    """Attention to what is written, attention to the source, feed-forward; each normed after its sum."""

    def __init__(self, shape: BertConfig, dropout: float) -> None:
        super().__init__()
        width = shape.hidden_size
        self.own = Attention(width, shape.num_attention_heads)
        self.own_norm = nn.LayerNorm(width, eps=shape.layer_norm_eps)
        self.cross = Attention(width, shape.num_attention_heads)
        self.cross_norm = nn.LayerNorm(width, eps=shape.layer_norm_eps)
        self.inner = nn.Linear(width, shape.intermediate_size)
        self.outer = nn.Linear(shape.intermediate_size, width)
        self.norm = nn.LayerNorm(width, eps=shape.layer_norm_eps)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        states: Tensor,
        past: tuple[Tensor, Tensor],
        causal: Tensor,
        source: tuple[Tensor, Tensor],
        unseen: Tensor,
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """The next states, and keys and values of all that is written so far."""
        new = self.own.look(states)
        present = torch.cat([past[0], new[0]], dim=2), torch.cat([past[1], new[1]], dim=2)
        states = self.own_norm(states + self.dropout(self.own(states, *present, causal)))
        states = self.cross_norm(states + self.dropout(self.cross(states, *source, unseen)))
        inner = functional.gelu(self.inner(states))
        return self.norm(states + self.dropout(self.outer(inner))), present


class Summarizer(nn.Module):
    """Source tokens and the summary so far, to its next token.

    Args:
        common: which tokens it can write that the source does not hold.
    """

    common: Tensor
    place: Tensor

    def __init__(self, shape: BertConfig, settings: Network, common: Sequence[int]) -> None:
        super().__init__()
        width = shape.hidden_size
        self.shape = shape
        self.encoder = BertModel(shape, add_pooling_layer=False)
        self.positions = nn.Embedding(settings.positions, width)
        self.opening = nn.LayerNorm(width, eps=shape.layer_norm_eps)
        self.layers = nn.ModuleList(DecoderLayer(shape, settings.dropout) for _ in settings.layers_from)
        self.transform = nn.Linear(width, width)
        self.transform_norm = nn.LayerNorm(width, eps=shape.layer_norm_eps)
        self.bias = nn.Parameter(torch.zeros(len(common)))
        self.copy_query = nn.Linear(width, width)
        self.copy_key = nn.Linear(width, width)
        self.gate = nn.Linear(width, 1)
        self.dropout = nn.Dropout(settings.dropout)
        place = torch.full((shape.vocab_size,), -1)
        place[list(common)] = torch.arange(len(common))
        self.register_buffer("common", torch.tensor(common))
        self.register_buffer("place", place)
        """Of each token of the tokenizer, where it stands among the common ones; -1 for the others."""

    @property
    def table(self) -> Tensor:
        """One table (tokens, width) for encoder, decoder and output."""
        weight: Tensor = self.encoder.embeddings.word_embeddings.weight
        return weight

    def forward(self, source: Tensor, mask: Tensor, target: Tensor) -> DecoderOutput:
        """What follows each of ``target`` (batch, target), given ``source`` and ``mask`` (batch, source)."""
        said, _ = self.decode(target, self.nothing(source.shape[0]), self.read(source, mask))
        return said

    def read(self, source: Tensor, mask: Tensor) -> EncodedSource:
        """Encode a source, and compute all that the decoder ever asks of it."""
        unseen = (1.0 - mask[:, None, None, :].float()) * NEVER
        kinds = torch.zeros_like(source)
        states = self.encoder(input_ids=source, attention_mask=unseen, token_type_ids=kinds).last_hidden_state
        layers: Iterable[Any] = self.layers
        seen = [layer.cross.look(states) for layer in layers]
        keys, values = zip(*seen, strict=True)
        return EncodedSource(keys, values, self.copy_key(states), unseen, source)

    def decode(
        self, target: Tensor, past: Sequence[tuple[Tensor, Tensor]], memory: EncodedSource
    ) -> tuple[DecoderOutput, list[tuple[Tensor, Tensor]]]:
        """Go on from ``past`` (by layer, keys and values of what is written) with ``target``."""
        before, count = past[0][0].shape[2], target.shape[1]
        places = torch.arange(before, before + count, device=target.device)
        causal = _causal(places, before + count)
        states = functional.embedding(target, self.table) + self.positions(places)
        states = self.dropout(self.opening(states))
        present = []
        for layer, own, source in zip(
            self.layers, past, zip(memory.keys, memory.values, strict=True), strict=True
        ):
            states, kept = layer(states, own, causal, source, memory.unseen)
            present.append(kept)
        return self._say(states, memory), present

    def nothing(self, batch: int) -> list[tuple[Tensor, Tensor]]:
        """The past of a summary not yet begun."""
        heads = self.shape.num_attention_heads
        empty = self.bias.new_zeros(batch, heads, 0, self.shape.hidden_size // heads)
        return [(empty, empty)] * len(self.layers)

    def _say(self, states: Tensor, memory: EncodedSource) -> DecoderOutput:
        wanted = self.transform_norm(functional.gelu(self.transform(states)))
        scale = float(states.shape[-1]) ** -0.5
        copy = (self.copy_query(states) * scale) @ memory.copy.transpose(1, 2)
        return DecoderOutput(
            common=functional.linear(wanted, self.table[self.common], self.bias),
            copy=copy + memory.unseen[:, 0],
            gate=self.gate(states),
        )


def log_chances(said: DecoderOutput, common: Tensor, ids: Tensor, tokens: int) -> Tensor:
    """log p (batch, target, tokens) of the next token; ``ids`` (batch, source) are what can be copied."""
    gate = said.gate.float()
    own = torch.softmax(said.common.float(), -1) * torch.sigmoid(-gate)
    copied = torch.softmax(said.copy.float(), -1) * torch.sigmoid(gate)
    chances = own.new_zeros(*own.shape[:2], tokens)
    chances = chances.scatter(2, common.expand(own.shape), own)
    return torch.log(chances.scatter_add(2, ids[:, None, :].expand(copied.shape), copied).clamp_min(TINY))


def loss(said: DecoderOutput, place: Tensor, ids: Tensor, wanted: Tensor) -> Tensor:
    """-log p (batch, target) of the ``wanted`` tokens (batch, target).

    A token that is neither common nor in the source cannot be written, and costs nothing.
    """
    at = place[wanted]
    own = functional.log_softmax(said.common.float(), -1).gather(2, at.clamp_min(0)[:, :, None])[..., 0]
    there = ids[:, None, :] == wanted[:, :, None]
    copied = functional.log_softmax(said.copy.float(), -1).masked_fill(~there, IMPOSSIBLE)
    gate = said.gate.float()[..., 0]
    written = own.masked_fill(at < 0, IMPOSSIBLE) + functional.logsigmoid(-gate)
    mixed = torch.logaddexp(written, torch.logsumexp(copied, -1) + functional.logsigmoid(gate))
    return -mixed * ((at >= 0) | there.any(-1))


def from_base(base: BaseModel, settings: Network, common: Sequence[int]) -> Summarizer:
    """The pre-trained encoder, and a decoder that begins as some of its layers."""
    model = empty(base.config, settings, common)
    missing, _ = model.encoder.load_state_dict(load_file(base.weights), strict=False)
    if missing:
        raise ValueError(f"{base.weights.name} lacks {missing[:3]}")
    embeddings = model.encoder.embeddings
    with torch.no_grad():
        count = model.positions.num_embeddings
        kinds = embeddings.token_type_embeddings.weight[0]
        model.positions.weight.copy_(embeddings.position_embeddings.weight[:count] + kinds)
    model.opening.load_state_dict(embeddings.LayerNorm.state_dict())
    for layer, number in zip(model.layers, settings.layers_from, strict=True):
        _begin_as(layer, model.encoder.encoder.layer[number])
    return model


def empty(shape: Path, settings: Network, common: Sequence[int]) -> Summarizer:
    """The network a ``config.json`` describes, with random weights."""
    config = BertConfig.from_json_file(shape)
    config.hidden_dropout_prob = settings.dropout
    config.attention_probs_dropout_prob = 0.0  # dropping a word of hundreds changes little, and takes long
    return Summarizer(config, settings, common)


def _begin_as(layer: Any, other: Any) -> None:
    attention = other.attention
    for mine in (layer.own, layer.cross):
        for name in ("query", "key", "value"):
            getattr(mine, name).load_state_dict(getattr(attention.self, name).state_dict())
        mine.out.load_state_dict(attention.output.dense.state_dict())
    for norm in (layer.own_norm, layer.cross_norm):
        norm.load_state_dict(attention.output.LayerNorm.state_dict())
    layer.inner.load_state_dict(other.intermediate.dense.state_dict())
    layer.outer.load_state_dict(other.output.dense.state_dict())
    layer.norm.load_state_dict(other.output.LayerNorm.state_dict())


def _causal(places: Tensor, seen: int) -> Tensor:
    """(1, 1, target, seen): what is written later is not looked at."""
    later = torch.arange(seen, device=places.device)[None, :] > places[:, None]
    return (later.float() * NEVER)[None, None]
