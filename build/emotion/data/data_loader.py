"""Batches of one epoch: sampling, augmentation, tokenization and padding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor

from build import tokenization
from build.data.noise import distort
from build.emotion.config import Augmentation, Training
from build.emotion.data.training_set import TrainingSet


class Batch(NamedTuple):
    """Token ids and mask (batch, tokens), targets (batch, labels), target embeddings (batch, width)."""

    ids: Tensor
    mask: Tensor
    targets: Tensor
    embeddings: Tensor | None

    def to(self, device: torch.device) -> Batch:
        """Move to another device."""
        return Batch(
            self.ids.to(device),
            self.mask.to(device),
            self.targets.to(device),
            None if self.embeddings is None else self.embeddings.to(device),
        )


class EpochLoader:
    """The batches of one epoch; the same seed produces the same batches."""

    def __init__(
        self, training_set: TrainingSet, tokenizer: Tokenizer, settings: Training, seed: tuple[int, int]
    ) -> None:
        random = np.random.default_rng([*seed, 1])
        self._training_set = training_set
        self._sampled = sample_rows(training_set, settings.class_balance, random)
        texts = augment([training_set.texts[row] for row in self._sampled], settings.augmentation, random)
        self._rows = tokenization.encode(tokenizer, texts, settings.max_tokens)
        self._batches = tokenization.length_bucketed_batches(
            [len(row) for row in self._rows], settings.batch_size, seed
        )

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[Batch]:
        for batch in self._batches:
            ids, mask = tokenization.pad_batch([self._rows[row] for row in batch])
            rows = self._sampled[batch]
            targets = torch.from_numpy(self._training_set.targets[rows])
            base_embeddings = self._training_set.embeddings
            embeddings = (
                None
                if base_embeddings is None
                else torch.from_numpy(base_embeddings[rows].astype(np.float32))
            )
            yield Batch(torch.from_numpy(ids), torch.from_numpy(mask), targets, embeddings)


def sample_rows(
    training_set: TrainingSet, balance: float, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Row indices of one epoch (n,): each once, or sampled with replacement, rare emotions more often.

    A text's weight is the rate of its rarest emotion to the power of ``-balance``.
    """
    count = len(training_set.texts)
    if not balance:
        return np.arange(count, dtype=np.int64)
    present = training_set.targets >= 0.5
    rates = np.maximum(present.mean(axis=0), 1.0 / count)
    rarest_rate = np.where(present, rates, rates.max()).min(axis=1)
    weights = rarest_rate**-balance
    return random.choice(count, size=count, p=weights / weights.sum()).astype(np.int64)


def augment(texts: list[str], settings: Augmentation, random: np.random.Generator) -> list[str]:
    """Add noise of one kind each to a share of the texts."""
    if not settings.share:
        return texts
    kinds = [settings.kinds[index] for index in random.integers(len(settings.kinds), size=len(texts))]
    is_noisy = random.random(len(texts)) < settings.share
    return [
        distort(text, kind, settings.strength, random) if noisy else text
        for text, kind, noisy in zip(texts, kinds, is_noisy, strict=True)
    ]
