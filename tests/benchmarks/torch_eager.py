"""The encoder's architecture in torch, as a baseline for its ONNX graph.

The weights are random, which does not change the latency; the shipped ones exist only as int8 in the graph.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BertConfig, BertModel

from functions.shared.text.encoder import TOKENIZER, EncoderConfig

LAYERS, HEADS, INNER, POSITIONS = 6, 12, 1536, 512
"""Dimensions of all-MiniLM-L6-v2; its width is the embedding's."""
_MASKED = -1e4


class Network(nn.Module):
    """BERT, mean pooling, a normalized embedding, and the encoder's linear heads."""

    def __init__(self, config: EncoderConfig, words: int) -> None:
        super().__init__()
        width = config.embedding.dimensions
        shape = BertConfig(
            vocab_size=words,
            hidden_size=width,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
            intermediate_size=INNER,
            max_position_embeddings=POSITIONS,
        )
        self.bert = BertModel(shape, add_pooling_layer=False)
        self.projection = nn.Linear(width, width, bias=False)
        self.heads = nn.ModuleList(nn.Linear(width, len(head.labels)) for head in config.heads.values())

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> list[torch.Tensor]:
        attention_bias = (1.0 - mask[:, None, None, :].float()) * _MASKED
        hidden = self.bert(
            ids, attention_mask=attention_bias, token_type_ids=torch.zeros_like(ids)
        ).last_hidden_state
        weights = mask[..., None].float()
        pooled = (hidden * weights).sum(1) / weights.sum(1)
        return [
            nn.functional.normalize(self.projection(pooled), dim=-1),
            *(head(pooled) for head in self.heads),
        ]


def runner(config: EncoderConfig, folder: Path) -> Callable[[str], object]:
    """Runs one text including tokenization, on one thread; affects the rest of the process."""
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(config.max_length)
    network = Network(config, tokenizer.get_vocab_size()).eval()

    def run(text: str) -> object:
        encoding = tokenizer.encode(text)
        return network(torch.tensor([encoding.ids]), torch.tensor([encoding.attention_mask]))

    return run
