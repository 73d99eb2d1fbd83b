"""SAMO-small for export: one step at a time of the pointer-generator network."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from build.summarization.export.graphs import Shape
from build.summarization.network.decoder import MASKED
from build.summarization.network.pointer_generator import EncodedSource, Summarizer, token_log_probabilities


class PointerNetwork(nn.Module):
    """Implements `graphs.Network`."""

    def __init__(self, model: Summarizer) -> None:
        super().__init__()
        self.model = model.eval()

    @property
    def shape(self) -> Shape:
        config = self.model.shape
        heads = int(config.num_attention_heads)
        return Shape(len(self.model.layers), heads, int(config.hidden_size) // heads, int(config.vocab_size))

    def memory(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        encoded = self.model.encode(input_ids, attention_mask)
        return *encoded.keys, *encoded.values, encoded.copy

    def step(
        self,
        token: Tensor,
        past: Tensor,
        input_ids: Tensor,
        attention_mask: Tensor,
        memory: Sequence[Tensor],
    ) -> tuple[Tensor, Tensor]:
        layers = len(self.model.layers)
        source_bias = (1.0 - attention_mask[:, None, None, :].float()) * MASKED
        source = EncodedSource(
            tuple(memory[:layers]), tuple(memory[layers : 2 * layers]), memory[-1], source_bias, input_ids
        )
        layers_past = [(past[2 * layer], past[2 * layer + 1]) for layer in range(layers)]
        output, present = self.model.decode(token, layers_past, source)
        beams = token.shape[0]
        log_probabilities = token_log_probabilities(
            output, self.model.output_tokens, input_ids.expand(beams, -1), self.shape.tokens
        )
        return log_probabilities[:, -1], torch.stack([tensor for layer in present for tensor in layer])
