"""The network: a transformer reads the whole entry, and its states are pooled per sentence at the end.

A sentence's state is the mean of its tokens' states, each of which has seen the whole entry. The entry's
state is the mean of all tokens, and means of the sentences under learned attention.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModel, PreTrainedModel

from build.insight.outputs import WIDTHS
from functions.emotion.reader import OF_ENTRY, OF_SENTENCES

_ATTENTIONS = 4
_MASKED = -1e4
"""Added to an attention score to mask it."""


class JournalReader(nn.Module):
    """Maps an entry's tokens to the outputs of its sentences and of the whole.

    Args:
        body: a BERT-like encoder.
    """

    def __init__(self, body: PreTrainedModel, dropout: float) -> None:
        super().__init__()
        width = body.config.hidden_size
        self.body = body
        self.dropout = nn.Dropout(dropout)
        self.attention = nn.Linear(width, _ATTENTIONS)
        self.sentence_heads = nn.ModuleDict(
            {name: nn.Linear(2 * width, getattr(WIDTHS, name)) for name in OF_SENTENCES}
        )
        self.entry_heads = nn.ModuleDict(
            {name: nn.Linear((1 + _ATTENTIONS) * width, getattr(WIDTHS, name)) for name in OF_ENTRY}
        )

    def forward(self, input_ids: Tensor, attention_mask: Tensor, pooling: Tensor) -> dict[str, Tensor]:
        """Run a batch.

        Args:
            input_ids, attention_mask: int64 (batch, tokens); the mask is 1 on tokens, 0 on padding.
            pooling: float32 (batch, sentences, tokens); each row averages a sentence's tokens, and is 0 for
                a sentence that pads the batch.

        Returns:
            float32 (batch, sentences, width) for each output of sentences, (batch, width) for the others.
        """
        hidden = self.body(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state.float()
        sentences = pooling @ hidden
        mask = attention_mask.unsqueeze(-1).float()
        mean = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
        entry = self.dropout(torch.cat([mean, self._attend(sentences, pooling)], dim=1))
        context = mean.unsqueeze(1).expand_as(sentences)
        in_context = self.dropout(torch.cat([sentences, context], dim=2))
        outputs = {name: head(in_context) for name, head in self.sentence_heads.items()}
        return outputs | {name: head(entry) for name, head in self.entry_heads.items()}

    def _attend(self, sentences: Tensor, pooling: Tensor) -> Tensor:
        """Means of the sentences (batch, attentions * width), one per learned attention."""
        padding = (pooling.sum(dim=2, keepdim=True) == 0).float()
        weights = (self.attention(sentences) + padding * _MASKED).softmax(dim=1)
        means: Tensor = weights.transpose(1, 2) @ sentences
        return means.flatten(start_dim=1)


def from_pretrained(folder: Path, dropout: float) -> JournalReader:
    """A reader whose encoder has the weights in `folder`, and whose heads are new.

    The encoder's attention has no dropout: drawing its masks would take an eighth of the training time.
    """
    body = AutoModel.from_pretrained(
        str(folder), add_pooling_layer=False, attention_probs_dropout_prob=0.0, local_files_only=True
    )
    return JournalReader(body, dropout)


def freeze(model: JournalReader, layers: int) -> None:
    """Exclude the first `layers` layers and, if there are any, the embeddings from training.

    Their dropout is switched off.
    """
    if layers == 0:
        return
    body: Any = model.body
    frozen: list[nn.Module] = [body.embeddings, *body.encoder.layer[:layers]]
    if (shared := getattr(body.encoder, "relative_attention_bias", None)) is not None:
        frozen.append(shared)
    for module in frozen:
        module.requires_grad_(False)
        for part in module.modules():
            if isinstance(part, nn.Dropout):
                part.p = 0.0


def init_at_base_rates(model: JournalReader, rates: dict[str, Tensor]) -> None:
    """Set the heads' biases so that they begin by predicting each label's rate in the training set."""
    heads = {**model.sentence_heads, **model.entry_heads}
    with torch.no_grad():
        for name, rate in rates.items():
            clipped = rate.clamp(1e-3, 1.0 - 1e-3)
            heads[name].get_parameter("bias").copy_(
                clipped.log() if name == "primary" else torch.logit(clipped)
            )
