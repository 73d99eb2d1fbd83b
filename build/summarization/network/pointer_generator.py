"""The pointer-generator network: MiniLM's encoder, a small decoder, and copying from the source.

The next token of a summary is generated from a vocabulary of frequent tokens or copied from the source: p =
(1 - g) p_generate + g p_copy, where the gate g and the copy distribution are computed from the decoder's
state (See et al. 2017, https://aclanthology.org/P17-1099). The decoder's layers are initialized from layers
of the encoder (Rothe et al. 2020, https://aclanthology.org/2020.tacl-1.18), cross-attention from
self-attention.
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
from build.summarization.network.decoder import MASKED, DecoderLayer, KeysValues, causal_bias

_IMPOSSIBLE = -1e9
"""log p of an impossible token, finite so that gradients stay finite."""
_TINY = 1e-12


class EncodedSource(NamedTuple):
    """A source as the decoder's input.

    ``keys``, ``values``: by layer, each (batch, heads, source, width / heads). ``copy``: (batch, source,
    width). ``bias``: (batch, 1, 1, source), 0 on tokens and ``MASKED`` on padding. ``ids``: (batch, source).
    """

    keys: tuple[Tensor, ...]
    values: tuple[Tensor, ...]
    copy: Tensor
    bias: Tensor
    ids: Tensor


class DecoderOutput(NamedTuple):
    """The decoder's output at each target position.

    ``generate``: logits (batch, target, output tokens). ``copy``: logits (batch, target, source), with
    padding at ``MASKED``. ``gate``: logits (batch, target, 1) of copying.
    """

    generate: Tensor
    copy: Tensor
    gate: Tensor


class Summarizer(nn.Module):
    """Predicts the next token of a summary from the source and the summary so far.

    Args:
        output_tokens: the tokens it can generate; it can copy any other.
    """

    output_tokens: Tensor
    output_index: Tensor

    def __init__(self, shape: BertConfig, settings: Network, output_tokens: Sequence[int]) -> None:
        super().__init__()
        width = shape.hidden_size
        self.shape = shape
        self.encoder = BertModel(shape, add_pooling_layer=False)
        self.positions = nn.Embedding(settings.positions, width)
        self.input_norm = nn.LayerNorm(width, eps=shape.layer_norm_eps)
        self.layers = nn.ModuleList(
            DecoderLayer(shape, settings.dropout) for _ in settings.decoder_layers_from
        )
        self.transform = nn.Linear(width, width)
        self.transform_norm = nn.LayerNorm(width, eps=shape.layer_norm_eps)
        self.bias = nn.Parameter(torch.zeros(len(output_tokens)))
        self.copy_query = nn.Linear(width, width)
        self.copy_key = nn.Linear(width, width)
        self.gate = nn.Linear(width, 1)
        self.dropout = nn.Dropout(settings.dropout)
        index = torch.full((shape.vocab_size,), -1)
        index[list(output_tokens)] = torch.arange(len(output_tokens))
        self.register_buffer("output_tokens", torch.tensor(output_tokens))
        self.register_buffer("output_index", index)
        """Index of each token of the tokenizer among the output tokens; -1 for the others."""

    @property
    def embeddings(self) -> Tensor:
        """The embedding table (tokens, width), shared by encoder, decoder and output."""
        weight: Tensor = self.encoder.embeddings.word_embeddings.weight
        return weight

    def forward(self, source: Tensor, mask: Tensor, target: Tensor) -> DecoderOutput:
        """Output after each token of ``target`` (batch, target), given ``source`` (batch, source)."""
        output, _ = self.decode(target, self.empty_past(source.shape[0]), self.encode(source, mask))
        return output

    def encode(self, source: Tensor, mask: Tensor) -> EncodedSource:
        """Encode a source, and compute everything the decoder needs of it."""
        bias = (1.0 - mask[:, None, None, :].float()) * MASKED
        token_types = torch.zeros_like(source)
        states = self.encoder(
            input_ids=source, attention_mask=bias, token_type_ids=token_types
        ).last_hidden_state
        layers: Iterable[Any] = self.layers
        keys, values = zip(*(layer.cross_attention.keys_values(states) for layer in layers), strict=True)
        return EncodedSource(keys, values, self.copy_key(states), bias, source)

    def decode(
        self, target: Tensor, past: Sequence[KeysValues], source: EncodedSource
    ) -> tuple[DecoderOutput, list[KeysValues]]:
        """Continue ``past`` (by layer, keys and values of the earlier target tokens) with ``target``."""
        start, count = past[0][0].shape[2], target.shape[1]
        positions = torch.arange(start, start + count, device=target.device)
        bias = causal_bias(positions, start + count)
        states = functional.embedding(target, self.embeddings) + self.positions(positions)
        states = self.dropout(self.input_norm(states))
        present = []
        source_layers = zip(source.keys, source.values, strict=True)
        for layer, layer_past, layer_source in zip(self.layers, past, source_layers, strict=True):
            states, keys_values = layer(states, layer_past, bias, layer_source, source.bias)
            present.append(keys_values)
        return self._output(states, source), present

    def empty_past(self, batch: int) -> list[KeysValues]:
        """The past before the first target token."""
        heads = self.shape.num_attention_heads
        empty = self.bias.new_zeros(batch, heads, 0, self.shape.hidden_size // heads)
        return [(empty, empty)] * len(self.layers)

    def _output(self, states: Tensor, source: EncodedSource) -> DecoderOutput:
        transformed = self.transform_norm(functional.gelu(self.transform(states)))
        scale = float(states.shape[-1]) ** -0.5
        copy = (self.copy_query(states) * scale) @ source.copy.transpose(1, 2)
        return DecoderOutput(
            generate=functional.linear(transformed, self.embeddings[self.output_tokens], self.bias),
            copy=copy + source.bias[:, 0],
            gate=self.gate(states),
        )


def token_log_probabilities(output: DecoderOutput, output_tokens: Tensor, ids: Tensor, tokens: int) -> Tensor:
    """log p (batch, target, tokens) of the next token; ``ids`` (batch, source) can be copied."""
    gate = output.gate.float()
    generated = torch.softmax(output.generate.float(), -1) * torch.sigmoid(-gate)
    copied = torch.softmax(output.copy.float(), -1) * torch.sigmoid(gate)
    probabilities = generated.new_zeros(*generated.shape[:2], tokens)
    probabilities = probabilities.scatter(2, output_tokens.expand(generated.shape), generated)
    source_ids = ids[:, None, :].expand(copied.shape)
    return torch.log(probabilities.scatter_add(2, source_ids, copied).clamp_min(_TINY))


def nll_loss(output: DecoderOutput, output_index: Tensor, ids: Tensor, target: Tensor) -> Tensor:
    """Negative log-likelihood (batch, target) of the ``target`` tokens (batch, target).

    A token that can neither be generated nor copied is ignored.
    """
    index = output_index[target]
    generate = functional.log_softmax(output.generate.float(), -1)
    generated = generate.gather(2, index.clamp_min(0)[:, :, None])[..., 0].masked_fill(index < 0, _IMPOSSIBLE)
    in_source = ids[:, None, :] == target[:, :, None]
    copied = functional.log_softmax(output.copy.float(), -1).masked_fill(~in_source, _IMPOSSIBLE)
    gate = output.gate.float()[..., 0]
    mixed = torch.logaddexp(
        generated + functional.logsigmoid(-gate),
        torch.logsumexp(copied, -1) + functional.logsigmoid(gate),
    )
    return -mixed * ((index >= 0) | in_source.any(-1))


def from_base(base: BaseModel, settings: Network, output_tokens: Sequence[int]) -> Summarizer:
    """The pre-trained encoder, and a decoder initialized from some of its layers."""
    model = from_config(base.config, settings, output_tokens)
    missing, _ = model.encoder.load_state_dict(load_file(base.weights), strict=False)
    if missing:
        raise ValueError(f"{base.weights.name} lacks {missing[:3]}")
    embeddings = model.encoder.embeddings
    with torch.no_grad():
        count = model.positions.num_embeddings
        token_type = embeddings.token_type_embeddings.weight[0]
        model.positions.weight.copy_(embeddings.position_embeddings.weight[:count] + token_type)
    model.input_norm.load_state_dict(embeddings.LayerNorm.state_dict())
    for layer, number in zip(model.layers, settings.decoder_layers_from, strict=True):
        _initialize_from(layer, model.encoder.encoder.layer[number])
    return model


def from_config(shape: Path, settings: Network, output_tokens: Sequence[int]) -> Summarizer:
    """The network that a ``config.json`` describes, with random weights."""
    config = BertConfig.from_json_file(shape)
    config.hidden_dropout_prob = settings.dropout
    config.attention_probs_dropout_prob = 0.0  # has little effect on hundreds of tokens, and is slow
    return Summarizer(config, settings, output_tokens)


def _initialize_from(layer: Any, encoder_layer: Any) -> None:
    attention = encoder_layer.attention
    for target in (layer.self_attention, layer.cross_attention):
        for name in ("query", "key", "value"):
            getattr(target, name).load_state_dict(getattr(attention.self, name).state_dict())
        target.out.load_state_dict(attention.output.dense.state_dict())
    for norm in (layer.self_norm, layer.cross_norm):
        norm.load_state_dict(attention.output.LayerNorm.state_dict())
    layer.inner.load_state_dict(encoder_layer.intermediate.dense.state_dict())
    layer.outer.load_state_dict(encoder_layer.output.dense.state_dict())
    layer.norm.load_state_dict(encoder_layer.output.LayerNorm.state_dict())
