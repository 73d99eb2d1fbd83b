"""SAMO-small as graphs: the network of `model.py`, one step at a time."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from build.summarization.export.graphs import Shape
from build.summarization.network.pointer_generator import NEVER, EncodedSource, Summarizer, log_chances


class PointerNetwork(nn.Module):
    """Implements `graphs.Network`."""

    def __init__(self, model: Summarizer) -> None:
        super().__init__()
        self.model = model.eval()

    @property
    def shape(self) -> Shape:
        known = self.model.shape
        heads = int(known.num_attention_heads)
        return Shape(len(self.model.layers), heads, int(known.hidden_size) // heads, int(known.vocab_size))

    def memory(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        found = self.model.read(input_ids, attention_mask)
        return *found.keys, *found.values, found.copy

    def step(
        self,
        token: Tensor,
        past: Tensor,
        input_ids: Tensor,
        attention_mask: Tensor,
        memory: Sequence[Tensor],
    ) -> tuple[Tensor, Tensor]:
        layers = len(self.model.layers)
        unseen = (1.0 - attention_mask[:, None, None, :].float()) * NEVER
        read = EncodedSource(
            tuple(memory[:layers]), tuple(memory[layers : 2 * layers]), memory[-1], unseen, input_ids
        )
        written = [(past[2 * layer], past[2 * layer + 1]) for layer in range(layers)]
        said, present = self.model.decode(token, written, read)
        beams = token.shape[0]
        chances = log_chances(said, self.model.common, input_ids.expand(beams, -1), self.shape.tokens)
        return chances[:, -1], torch.stack([tensor for layer in present for tensor in layer])
