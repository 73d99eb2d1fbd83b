"""The feelings and topics heads, fitted on a trained encoder without changing it.

There are too few labelled journal entries to fine-tune a network without it forgetting what it learned from
comments. Instead, logistic regressions are fitted on the encoder's outputs and become linear layers of the
graph. Topics read the embedding; feelings also read the first token.
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
    """A head, and its out-of-fold probabilities (n, labels)."""

    head: Linear
    out_of_fold: Floats


def features(
    model: TextEncoder, head: str, tokenizer: Tokenizer, texts: list[str], max_tokens: int
) -> Floats:
    """Input of a head for each text (n, width)."""
    model.eval()
    device = next(model.parameters()).device
    rows = tokenization.encode(tokenizer, texts, max_tokens)
    values = np.zeros((len(rows), model.head_input_width(head)), dtype=np.float32)
    with torch.inference_mode():
        for batch, *arrays in tokenization.padded_batches(rows, _BATCH):
            ids, mask = (torch.from_numpy(array).to(device) for array in arrays)
            values[batch] = model.head_input(head, ids, mask).cpu().numpy()
    return values


def fit(
    features: Floats,
    dataset: Dataset,
    c_grid: Sequence[float],
    extra: tuple[Floats, Dataset] | None = None,
) -> FittedHead:
    """Logistic regression per label on features (n, width), with the C of lowest cross-validated log loss.

    ``extra`` features and examples are used for training in every fold and never predicted.
    """
    mean, std = features.mean(axis=0), features.std(axis=0) + 1e-6
    extra_features, extra_truth = (
        (features[:0], dataset.targets[:0] > 0) if extra is None else (extra[0], extra[1].targets > 0)
    )
    standardized = ((np.concatenate([features, extra_features]) - mean) / std).astype(np.float64)
    truth = np.concatenate([dataset.targets > 0, extra_truth])
    with threadpool_limits(1):  # the matrices are small: more threads are slower
        out_of_fold = {c: _out_of_fold(standardized, truth, len(features), c) for c in c_grid}
        best = min(out_of_fold, key=lambda c: calibration.log_loss(out_of_fold[c], truth[: len(features)]))
        coefficients, intercepts = _fit_labels(standardized, truth, best)
    log.info("selected C = %g", best)
    weights = coefficients / std[:, None]
    return FittedHead(Linear(weights, intercepts - mean @ weights), out_of_fold[best])


def attach(model: TextEncoder, head: str, head_weights: Linear) -> None:
    """Copy the fitted head into the model."""
    layer = model.linear_heads[head]
    with torch.no_grad():
        layer.get_parameter("weight").copy_(torch.from_numpy(head_weights.weights.T))
        layer.get_parameter("bias").copy_(torch.from_numpy(head_weights.biases))


def _out_of_fold(features: Floats, truth: Bools, count: int, c: float) -> Floats:
    """Out-of-fold probabilities of the first ``count`` rows; the other rows are in every training fold."""
    probabilities = np.zeros((count, truth.shape[1]))
    for in_fold in thresholds.random_folds(count, _FOLDS, count):
        in_training = np.concatenate([~in_fold, np.ones(len(features) - count, dtype=np.bool_)])
        coefficients, intercepts = _fit_labels(features[in_training], truth[in_training], c)
        probabilities[in_fold] = metrics.sigmoid(features[:count][in_fold] @ coefficients + intercepts)
    return probabilities


def _fit_labels(features: Floats, truth: Bools, c: float) -> tuple[Floats, Floats]:
    """Coefficients (width, labels) and intercepts (labels,); a label with only one class gets its rate."""
    coefficients, intercepts = np.zeros((features.shape[1], truth.shape[1])), np.zeros(truth.shape[1])
    for label in range(truth.shape[1]):
        column = truth[:, label]
        if column.all() or not column.any():
            intercepts[label] = metrics.logit(column.mean(keepdims=True))[0]
            continue
        model = LogisticRegression(C=c, max_iter=_ITERATIONS).fit(features, column)
        coefficients[:, label], intercepts[label] = model.coef_[0], model.intercept_[0]
    return coefficients, intercepts
