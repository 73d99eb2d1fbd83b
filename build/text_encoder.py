"""The network: a BERT encoder, its tokens pooled, and on what is pooled one linear map a head."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

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
    def present(self) -> dict[str, Tensor]:
        """By name, what there is."""
        return {name: values for name, values in self._asdict().items() if values is not None}


class TextEncoder(nn.Module):
    """Text in tokens to what each head says of it, and an embedding.

    Args:
        labels: how many by head; ``emotions`` is always one of them.
        pooling: what the emotions are read from.
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
        self.journal = nn.ModuleDict(
            {head: nn.Linear(self.reach(head), count) for head, count in labels.items() if head != EMOTIONS}
        )
        """Topics read the embedding; feelings the first token before it."""
        self.projection = nn.Linear(width, width, bias=False)
        """From the pooled text to the embedding: what emotions moved, it moves back."""

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Output:
        """Run a batch: both inputs are int64 (batch, tokens); the mask is 1 on tokens, 0 on padding."""
        first, mean = self.pool(input_ids, attention_mask)
        embedding = self.embed(mean)
        emotions = self.emotions(self.dropout(mean if self.pooling is Pooling.MEAN else first))
        said = {head: layer(_before(head, first, embedding)) for head, layer in self.journal.items()}
        return Output(emotions, said.get(FEELINGS), said.get(TOPICS), embedding)

    def reach(self, head: str) -> int:
        """How many numbers a head of the journal's reads."""
        width: int = self.bert.config.hidden_size
        return width * (2 if head == FEELINGS else 1)

    def read(self, head: str, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """What a head of the journal's reads of a batch: (batch, its reach)."""
        first, mean = self.pool(input_ids, attention_mask)
        return _before(head, first, self.embed(mean))

    def embed(self, mean: Tensor) -> Tensor:
        """The embedding (batch, width), of length one, from the mean of the tokens."""
        projected: Tensor = self.projection(mean).float()
        length: Tensor = projected.norm(dim=-1, keepdim=True).clamp(min=1e-9)  # type: ignore[no-untyped-call]
        return projected / length

    def pool(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """The first token and the mean of all, each (batch, width), float32."""
        # A mask of four dimensions is added to the attention scores as it is.
        unseen = (1.0 - attention_mask[:, None, None, :].float()) * _NEVER
        kinds = torch.zeros_like(input_ids)
        hidden = self.bert(input_ids=input_ids, attention_mask=unseen, token_type_ids=kinds).last_hidden_state
        return hidden[:, 0].float(), mean_pool(hidden, attention_mask)


def _before(head: str, first: Tensor, embedding: Tensor) -> Tensor:
    return torch.cat([first, embedding], dim=1) if head == FEELINGS else embedding


def mean_pool(hidden: Tensor, mask: Tensor) -> Tensor:
    """Mean (float32) of ``hidden`` (batch, tokens, width) over the tokens ``mask`` (batch, tokens) keeps."""
    weights = mask.unsqueeze(-1).float()
    return (hidden * weights).sum(1) / weights.sum(1).clamp(min=1.0)


def from_base(
    base: BaseModel, labels: Mapping[str, int], dropout: float, pooling: Pooling = Pooling.MEAN
) -> TextEncoder:
    """The pre-trained encoder under fresh heads; its embedding is the base model's own."""
    model = empty(base.config, labels, dropout, pooling)
    tensors = load_file(base.weights)
    missing, _ = model.bert.load_state_dict(tensors, strict=False)
    if missing:
        raise ValueError(f"{base.weights.name} lacks {missing[:3]}")
    return model


def empty(
    shape: Path, labels: Mapping[str, int], dropout: float, pooling: Pooling = Pooling.MEAN
) -> TextEncoder:
    """The network a ``config.json`` describes, with random weights; the projection changes nothing."""
    config = BertConfig.from_json_file(shape)
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = dropout
    model = TextEncoder(config, labels, dropout, pooling)
    nn.init.eye_(model.projection.weight)
    return model


def start_at_base_rates(model: TextEncoder, rates: npt.NDArray[np.float32]) -> None:
    """Set the emotions' bias to the log-odds of their rates (labels,): training starts calibrated."""
    kept = np.clip(rates, _SMALLEST_RATE, 1.0 - _SMALLEST_RATE)
    with torch.no_grad():
        model.emotions.bias.copy_(torch.from_numpy(np.log(kept / (1.0 - kept))))
        nn.init.normal_(model.emotions.weight, std=0.02)
