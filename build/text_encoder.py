"""The text encoder: BERT, pooling, and one linear head per task on top."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from build.base_model import BaseModel

_MIN_RATE = 1e-6
_MASKED = -1e4
"""Added to an attention score to mask it."""

EMOTIONS, FEELINGS, TOPICS, EMBEDDING = "emotions", "feelings", "topics", "embedding"


class Pooling(StrEnum):
    """Which part of a text the emotions head reads."""

    MEAN = "mean"
    """The mean of its tokens, like the embedding."""
    FIRST = "first"
    """The first token ([CLS]), so that emotions need not move the embedding."""


class Output(NamedTuple):
    """Logits (batch, labels) of each existing head; ``embedding`` (batch, width), normalized."""

    emotions: Tensor
    feelings: Tensor | None
    topics: Tensor | None
    embedding: Tensor

    @property
    def present(self) -> dict[str, Tensor]:
        """The existing outputs by name."""
        return {name: values for name, values in self._asdict().items() if values is not None}


class TextEncoder(nn.Module):
    """Maps token ids to the logits of each head and an embedding.

    Args:
        labels: number of labels by head; ``emotions`` is required.
        pooling: input of the emotions head.
    """

    def __init__(
        self, shape: BertConfig, labels: Mapping[str, int], dropout: float, pooling: Pooling = Pooling.MEAN
    ) -> None:
        super().__init__()
        width = shape.hidden_size
        self.pooling = pooling
        self.bert = BertModel(shape, add_pooling_layer=False)
        self.dropout = nn.Dropout(dropout)
        self.emotions = nn.Linear(width, labels[EMOTIONS])
        self.linear_heads = nn.ModuleDict(
            {
                head: nn.Linear(self.head_input_width(head), count)
                for head, count in labels.items()
                if head != EMOTIONS
            }
        )
        """Topics read the embedding; feelings read the first token and the embedding."""
        self.projection = nn.Linear(width, width, bias=False)
        """Maps the pooled text to the embedding; compensates for what training on emotions moves."""

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Output:
        """Run a batch: both inputs are int64 (batch, tokens); the mask is 1 on tokens, 0 on padding."""
        first, mean = self.pool(input_ids, attention_mask)
        embedding = self.embed(mean)
        emotions = self.emotions(self.dropout(mean if self.pooling is Pooling.MEAN else first))
        logits = {
            head: layer(_linear_head_input(head, first, embedding))
            for head, layer in self.linear_heads.items()
        }
        return Output(emotions, logits.get(FEELINGS), logits.get(TOPICS), embedding)

    def head_input_width(self, head: str) -> int:
        """Width of the input of a linear head."""
        width: int = self.bert.config.hidden_size
        return width * (2 if head == FEELINGS else 1)

    def head_input(self, head: str, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Input of a linear head for a batch: (batch, head_input_width)."""
        first, mean = self.pool(input_ids, attention_mask)
        return _linear_head_input(head, first, self.embed(mean))

    def embed(self, mean: Tensor) -> Tensor:
        """The normalized embedding (batch, width) of the mean of the tokens."""
        projected: Tensor = self.projection(mean).float()
        norm: Tensor = projected.norm(dim=-1, keepdim=True).clamp(min=1e-9)  # type: ignore[no-untyped-call]
        return projected / norm

    def pool(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """The first token and the mean of all tokens, each (batch, width), float32."""
        # A 4-dimensional mask is added to the attention scores unchanged.
        attention_bias = (1.0 - attention_mask[:, None, None, :].float()) * _MASKED
        token_types = torch.zeros_like(input_ids)
        hidden = self.bert(
            input_ids=input_ids, attention_mask=attention_bias, token_type_ids=token_types
        ).last_hidden_state
        return hidden[:, 0].float(), mean_pool(hidden, attention_mask)


def _linear_head_input(head: str, first: Tensor, embedding: Tensor) -> Tensor:
    return torch.cat([first, embedding], dim=1) if head == FEELINGS else embedding


def mean_pool(hidden: Tensor, mask: Tensor) -> Tensor:
    """Mean (float32) of ``hidden`` (batch, tokens, width) over the tokens ``mask`` (batch, tokens) keeps."""
    weights = mask.unsqueeze(-1).float()
    return (hidden * weights).sum(1) / weights.sum(1).clamp(min=1.0)


def from_base(
    base: BaseModel, labels: Mapping[str, int], dropout: float, pooling: Pooling = Pooling.MEAN
) -> TextEncoder:
    """The pre-trained encoder with new heads; its embedding is the base model's."""
    model = from_config(base.config, labels, dropout, pooling)
    tensors = load_file(base.weights)
    missing, _ = model.bert.load_state_dict(tensors, strict=False)
    if missing:
        raise ValueError(f"{base.weights.name} lacks {missing[:3]}")
    return model


def from_config(
    shape: Path, labels: Mapping[str, int], dropout: float, pooling: Pooling = Pooling.MEAN
) -> TextEncoder:
    """The network that a ``config.json`` describes, with random weights; the projection is the identity."""
    config = BertConfig.from_json_file(shape)
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = dropout
    model = TextEncoder(config, labels, dropout, pooling)
    nn.init.eye_(model.projection.weight)
    return model


def init_at_base_rates(model: TextEncoder, rates: npt.NDArray[np.float32]) -> None:
    """Set the emotions' bias to the log-odds of their rates (labels,): training starts calibrated."""
    clipped = np.clip(rates, _MIN_RATE, 1.0 - _MIN_RATE)
    with torch.no_grad():
        model.emotions.bias.copy_(torch.from_numpy(np.log(clipped / (1.0 - clipped))))
        nn.init.normal_(model.emotions.weight, std=0.02)
