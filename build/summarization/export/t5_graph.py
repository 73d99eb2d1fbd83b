"""T5 (Raffel et al. 2020, https://jmlr.org/papers/v21/20-074.html) for export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers.cache_utils import DynamicCache, EncoderDecoderCache

from build.summarization.export.graphs import Shape


class T5Network(nn.Module):
    """Implements `graphs.Network` with a `T5ForConditionalGeneration`."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        model.config._attn_implementation = "eager"
        self.model = model.eval()

    @property
    def shape(self) -> Shape:
        config = self.model.config
        return Shape(config.num_decoder_layers, config.num_heads, config.d_kv, config.vocab_size)

    def memory(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        states = self.model.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        cross = [block.layer[1].EncDecAttention for block in self.model.decoder.block]
        return tuple(
            projection(states).unflatten(-1, (self.shape.heads, -1)).transpose(1, 2)
            for attention in cross
            for projection in (attention.k, attention.v)
        )

    def step(
        self,
        token: Tensor,
        past: Tensor,
        input_ids: Tensor,  # noqa: ARG002 - used only by networks that copy from the source
        attention_mask: Tensor,
        memory: Sequence[Tensor],
    ) -> tuple[Tensor, Tensor]:
        layers = range(self.shape.layers)
        self_cache: Any = DynamicCache()
        cross_cache: Any = DynamicCache()
        for layer in layers:
            self_cache.update(past[2 * layer], past[2 * layer + 1], layer)
            cross_cache.update(memory[2 * layer], memory[2 * layer + 1], layer)
        cache = EncoderDecoderCache(self_cache, cross_cache)
        states = self.model.decoder(
            input_ids=token,
            past_key_values=cache,
            encoder_hidden_states=memory[0].transpose(1, 2).flatten(2),
            encoder_attention_mask=attention_mask,
            use_cache=True,
        ).last_hidden_state
        if self.model.config.tie_word_embeddings:
            states = states * self.model.model_dim**-0.5
        log_probabilities = functional.log_softmax(self.model.lm_head(states)[:, -1], -1)
        present = [
            tensor
            for layer in layers
            for tensor in (self_cache.layers[layer].keys, self_cache.layers[layer].values)
        ]
        return log_probabilities, torch.stack(present)
