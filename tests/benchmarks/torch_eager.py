"""A network of the shipped encoder's shape in torch: what its ONNX graph is compared with.

Its weights are random, which takes exactly as long; the shipped ones are int8 and belong to the graph.
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
"""all-MiniLM-L6-v2's; its width is the embedding's."""
_NEVER = -1e4


class Network(nn.Module):
    """BERT, mean pooling, a projected embedding of length one, and the encoder's linear heads."""

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
        unseen = (1.0 - mask[:, None, None, :].float()) * _NEVER
        hidden = self.bert(ids, attention_mask=unseen, token_type_ids=torch.zeros_like(ids)).last_hidden_state
        weights = mask[..., None].float()
        pooled = (hidden * weights).sum(1) / weights.sum(1)
        return [
            nn.functional.normalize(self.projection(pooled), dim=-1),
            *(head(pooled) for head in self.heads),
        ]


def runner(config: EncoderConfig, folder: Path) -> Callable[[str], object]:
    """Runs one text, tokenisation included, on one thread; for the rest of the process."""
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(config.max_length)
    network = Network(config, tokenizer.get_vocab_size()).eval()

    def run(text: str) -> object:
        read = tokenizer.encode(text)
        return network(torch.tensor([read.ids]), torch.tensor([read.attention_mask]))

    return run
