"""Feelings and topics, fitted on a trained encoder that they leave as it is.

A journal's labels are too few to train a network on without it forgetting what comments taught: logistic
regression on what the encoder says of a text (its first token and the mean of all) is fitted instead, and
becomes a linear map of the graph.
"""

from __future__ import annotations

import logging
from typing import NamedTuple

import numpy as np
import torch
from sklearn.linear_model import LogisticRegressionCV
from tokenizers import Tokenizer

from build import tokens
from build.data.examples import Examples
from build.emotion.model import TextEncoder
from build.evaluation.metrics import Bools, Floats

log = logging.getLogger(__name__)

_STRENGTHS = np.logspace(-4, 1, 6)
_FOLDS = 5
_BATCH = 32


class Linear(NamedTuple):
    """Logits are ``features`` @ ``weights`` + ``biases``: (width, labels) and (labels,)."""

    weights: Floats
    biases: Floats

    def logits(self, features: Floats) -> Floats:
        return np.asarray(features @ self.weights + self.biases)


def features(model: TextEncoder, tokenizer: Tokenizer, texts: list[str], max_tokens: int) -> Floats:
    """First token and mean of all, side by side (n, twice the width)."""
    model.eval()
    device = next(model.parameters()).device
    rows = tokens.encode(tokenizer, texts, max_tokens)
    found = np.zeros((len(rows), 2 * model.projection.in_features), dtype=np.float32)
    with torch.inference_mode():
        for batch in tokens.by_length([len(row) for row in rows], _BATCH):
            ids, mask = (torch.from_numpy(each).to(device) for each in tokens.pad([rows[at] for at in batch]))
            found[batch] = torch.cat(model.pool(ids, mask), dim=1).cpu().numpy()
    return found


def fit(given: Floats, examples: Examples) -> Linear:
    """Logistic regression of each label on features (n, width), its strength by cross-validated log loss."""
    middle, spread = given.mean(axis=0), given.std(axis=0) + 1e-6
    even = (given - middle) / spread
    columns = [_one(even, examples.targets[:, at] > 0) for at in range(len(examples.labels))]
    slopes, starts = (np.stack(part, axis=-1) for part in zip(*columns, strict=True))
    weights = slopes / spread[:, None]
    return Linear(weights, starts - middle @ weights)


def attach(model: TextEncoder, head: str, fitted: Linear) -> None:
    """Make it the model's own head."""
    layer = model.journal[head]
    with torch.no_grad():
        layer.get_parameter("weight").copy_(torch.from_numpy(fitted.weights.T))
        layer.get_parameter("bias").copy_(torch.from_numpy(fitted.biases))


def _one(given: Floats, truth: Bools) -> tuple[Floats, Floats]:
    """Slopes (width,) and start of one label; without two examples a fold, its rate alone."""
    folds = min(_FOLDS, int(truth.sum()), int((~truth).sum()))
    if folds < 2:
        rate = np.clip(truth.mean(), 1e-6, 1 - 1e-6)
        return np.zeros(given.shape[1]), np.log(rate / (1 - rate))
    model = LogisticRegressionCV(
        Cs=_STRENGTHS,
        cv=folds,
        scoring="neg_log_loss",
        max_iter=5000,
        use_legacy_attributes=False,
        l1_ratios=(0.0,),
    ).fit(given, truth)
    return model.coef_[0], model.intercept_[0]
