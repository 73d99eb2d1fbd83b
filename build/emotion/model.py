"""The network: a BERT encoder, mean pooling over its tokens, one linear head over the emotions."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from build.base_model import BaseModel

_SMALLEST_RATE = 1e-6
_NEVER = -1e4
"""Added to an attention score, leaves nothing of it after the softmax."""


class Output(NamedTuple):
    """``emotions`` (batch, labels): raw logits. ``embedding`` (batch, width): mean-pooled, of length one."""

    emotions: Tensor
    embedding: Tensor


class TextEncoder(nn.Module):
    """Text in tokens to emotions and an embedding."""

    def __init__(self, shape: BertConfig, labels: int, dropout: float) -> None:
        super().__init__()
        self.bert = BertModel(shape, add_pooling_layer=False)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(shape.hidden_size, labels)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Output:
        """Run a batch: both inputs are int64 (batch, tokens); the mask is 1 on tokens, 0 on padding."""
        # A mask of four dimensions is added to the attention scores as it is.
        unseen = (1.0 - attention_mask[:, None, None, :].float()) * _NEVER
        kinds = torch.zeros_like(input_ids)
        found = self.bert(input_ids=input_ids, attention_mask=unseen, token_type_ids=kinds)
        pooled = mean_pool(found.last_hidden_state, attention_mask)
        length = pooled.norm(dim=-1, keepdim=True).clamp(min=1e-9)
        return Output(self.head(self.dropout(pooled)), pooled / length)


def mean_pool(hidden: Tensor, mask: Tensor) -> Tensor:
    """Mean (float32) of ``hidden`` (batch, tokens, width) over the tokens ``mask`` (batch, tokens) keeps."""
    weights = mask.unsqueeze(-1).float()
    return (hidden * weights).sum(1) / weights.sum(1).clamp(min=1.0)


def from_base(base: BaseModel, labels: int, dropout: float) -> TextEncoder:
    """The pre-trained encoder under a fresh head."""
    model = empty(base.config, labels, dropout)
    tensors = load_file(base.weights)
    missing, _ = model.bert.load_state_dict(tensors, strict=False)
    if missing:
        raise ValueError(f"{base.weights.name} lacks {missing[:3]}")
    return model


def empty(shape: Path, labels: int, dropout: float) -> TextEncoder:
    """The network a ``config.json`` describes, with random weights."""
    config = BertConfig.from_json_file(shape)
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = dropout
    return TextEncoder(config, labels, dropout)


def start_at_base_rates(model: TextEncoder, targets: npt.NDArray[np.float32]) -> None:
    """Set the head's bias to each label's log-odds in ``targets`` (n, labels): training starts calibrated."""
    rates = np.clip(targets.mean(axis=0), _SMALLEST_RATE, 1.0 - _SMALLEST_RATE)
    with torch.no_grad():
        model.head.bias.copy_(torch.from_numpy(np.log(rates / (1.0 - rates))))
        nn.init.normal_(model.head.weight, std=0.02)
