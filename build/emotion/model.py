"""The network: a BERT encoder, its tokens pooled, and on the pooled text one linear map a head."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from build.base_model import BaseModel
from build.emotion.config import Pooling

_SMALLEST_RATE = 1e-6
_NEVER = -1e4
"""Added to an attention score, leaves nothing of it after the softmax."""

EMOTIONS, FEELINGS, TOPICS, EMBEDDING = "emotions", "feelings", "topics", "embedding"


class Output(NamedTuple):
    """Logits (batch, labels) of each head there is; ``embedding`` (batch, width), of length one."""

    emotions: Tensor
    feelings: Tensor | None
    topics: Tensor | None
    embedding: Tensor

    @property
    def heads(self) -> dict[str, Tensor]:
        """Logits by head."""
        known = {EMOTIONS: self.emotions, FEELINGS: self.feelings, TOPICS: self.topics}
        return {name: logits for name, logits in known.items() if logits is not None}


class TextEncoder(nn.Module):
    """Text in tokens to what each head says of it, and an embedding.

    Args:
        heads: labels by head; ``emotions`` is always one of them.
        pooling: what the emotions are read from.
    """

    def __init__(
        self, shape: BertConfig, heads: Mapping[str, int], dropout: float, pooling: Pooling = Pooling.MEAN
    ) -> None:
        super().__init__()
        self.pooling = pooling
        width = shape.hidden_size
        self.bert = BertModel(shape, add_pooling_layer=False)
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.ModuleDict({name: nn.Linear(width, labels) for name, labels in heads.items()})
        self.projection = nn.Linear(width, width, bias=False)
        """From the pooled text to the embedding: what emotions moved, it moves back."""

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Output:
        """Run a batch: both inputs are int64 (batch, tokens); the mask is 1 on tokens, 0 on padding."""
        # A mask of four dimensions is added to the attention scores as it is.
        unseen = (1.0 - attention_mask[:, None, None, :].float()) * _NEVER
        kinds = torch.zeros_like(input_ids)
        found = self.bert(input_ids=input_ids, attention_mask=unseen, token_type_ids=kinds)
        hidden = found.last_hidden_state
        pooled = mean_pool(hidden, attention_mask)
        projected = self.projection(pooled).float()
        length = projected.norm(dim=-1, keepdim=True).clamp(min=1e-9)
        dropped = self.dropout(pooled if self.pooling is Pooling.MEAN else hidden[:, 0])
        said = {name: head(dropped) for name, head in self.heads.items()}
        return Output(said[EMOTIONS], said.get(FEELINGS), said.get(TOPICS), projected / length)


def mean_pool(hidden: Tensor, mask: Tensor) -> Tensor:
    """Mean (float32) of ``hidden`` (batch, tokens, width) over the tokens ``mask`` (batch, tokens) keeps."""
    weights = mask.unsqueeze(-1).float()
    return (hidden * weights).sum(1) / weights.sum(1).clamp(min=1.0)


def from_base(
    base: BaseModel, heads: Mapping[str, int], dropout: float, pooling: Pooling = Pooling.MEAN
) -> TextEncoder:
    """The pre-trained encoder under fresh heads; its embedding is the base model's own."""
    model = empty(base.config, heads, dropout, pooling)
    tensors = load_file(base.weights)
    missing, _ = model.bert.load_state_dict(tensors, strict=False)
    if missing:
        raise ValueError(f"{base.weights.name} lacks {missing[:3]}")
    return model


def empty(
    shape: Path, heads: Mapping[str, int], dropout: float, pooling: Pooling = Pooling.MEAN
) -> TextEncoder:
    """The network a ``config.json`` describes, with random weights; the projection changes nothing."""
    config = BertConfig.from_json_file(shape)
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = dropout
    model = TextEncoder(config, heads, dropout, pooling)
    nn.init.eye_(model.projection.weight)
    return model


def start_at_base_rates(model: TextEncoder, rates: Mapping[str, npt.NDArray[np.float32]]) -> None:
    """Set each head's bias to the log-odds of its labels' rates (labels,): training starts calibrated."""
    with torch.no_grad():
        for name, shares in rates.items():
            head: Any = model.heads[name]
            kept = np.clip(shares, _SMALLEST_RATE, 1.0 - _SMALLEST_RATE)
            head.bias.copy_(torch.from_numpy(np.log(kept / (1.0 - kept))))
            nn.init.normal_(head.weight, std=0.02)
