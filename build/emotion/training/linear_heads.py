"""Feelings and topics, fitted on a trained encoder that they leave as it is.

A journal's labels are too few to train a network on without it forgetting what comments taught: logistic
regression on what the encoder says of a text is fitted instead, and becomes a linear map of the graph. Topics
are read from the embedding, feelings from the first token as well.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits
from tokenizers import Tokenizer

from build import tokenization
from build.data.dataset import Dataset
from build.evaluation import calibration, metrics, thresholds
from build.evaluation.metrics import Bools, Floats
from build.text_encoder import TextEncoder

log = logging.getLogger(__name__)

_FOLDS = 5
_BATCH = 32
_ITERATIONS = 500


class Linear(NamedTuple):
    """Logits are ``features`` @ ``weights`` + ``biases``: (width, labels) and (labels,)."""

    weights: Floats
    biases: Floats

    def logits(self, features: Floats) -> Floats:
        return np.asarray(features @ self.weights + self.biases)


class FittedHead(NamedTuple):
    """A head, and the probabilities (n, labels) that cross-validation gave texts while they were left out."""

    head: Linear
    unseen: Floats


def features(
    model: TextEncoder, head: str, tokenizer: Tokenizer, texts: list[str], max_tokens: int
) -> Floats:
    """What a head reads of each text (n, width)."""
    model.eval()
    device = next(model.parameters()).device
    rows = tokenization.encode(tokenizer, texts, max_tokens)
    found = np.zeros((len(rows), model.reach(head)), dtype=np.float32)
    with torch.inference_mode():
        for batch, *given in tokenization.padded_batches(rows, _BATCH):
            ids, mask = (torch.from_numpy(each).to(device) for each in given)
            found[batch] = model.read(head, ids, mask).cpu().numpy()
    return found


def fit(
    given: Floats,
    examples: Dataset,
    strengths: Sequence[float],
    extra: tuple[Floats, Dataset] | None = None,
) -> FittedHead:
    """Logistic regression of each label on features (n, width), at the strength of least log loss for all.

    ``extra`` features and examples are learned from in every fold, and never left out to be judged.
    """
    middle, spread = given.mean(axis=0), given.std(axis=0) + 1e-6
    more, truth = (given[:0], examples.targets[:0] > 0) if extra is None else (extra[0], extra[1].targets > 0)
    known = ((np.concatenate([given, more]) - middle) / spread).astype(np.float64)
    whole = np.concatenate([examples.targets > 0, truth])
    with threadpool_limits(1):  # the matrices are small: threads would only wait for each other
        tried = {strength: _left_out(known, whole, len(given), strength) for strength in strengths}
        best = min(tried, key=lambda each: calibration.log_loss(tried[each], whole[: len(given)]))
        slopes, starts = _all(known, whole, best)
    log.info("C %g", best)
    weights = slopes / spread[:, None]
    return FittedHead(Linear(weights, starts - middle @ weights), tried[best])


def attach(model: TextEncoder, head: str, fitted: Linear) -> None:
    """Make it the model's own head."""
    layer = model.journal[head]
    with torch.no_grad():
        layer.get_parameter("weight").copy_(torch.from_numpy(fitted.weights.T))
        layer.get_parameter("bias").copy_(torch.from_numpy(fitted.biases))


def _left_out(known: Floats, truth: Bools, judged: int, strength: float) -> Floats:
    """Cross-validated probabilities of the first ``judged`` rows; the others are in every fold."""
    found = np.zeros((judged, truth.shape[1]))
    for inside in thresholds.random_folds(judged, _FOLDS, judged):
        kept = np.concatenate([~inside, np.ones(len(known) - judged, dtype=np.bool_)])
        slopes, starts = _all(known[kept], truth[kept], strength)
        found[inside] = metrics.sigmoid(known[:judged][inside] @ slopes + starts)
    return found


def _all(known: Floats, truth: Bools, strength: float) -> tuple[Floats, Floats]:
    """Slopes (width, labels) and starts (labels,); of a label with one answer alone, its rate."""
    slopes, starts = np.zeros((known.shape[1], truth.shape[1])), np.zeros(truth.shape[1])
    for at in range(truth.shape[1]):
        column = truth[:, at]
        if column.all() or not column.any():
            starts[at] = metrics.logit(column.mean(keepdims=True))[0]
            continue
        model = LogisticRegression(C=strength, max_iter=_ITERATIONS).fit(known, column)
        slopes[:, at], starts[at] = model.coef_[0], model.intercept_[0]
    return slopes, starts
