"""An epoch's batches: which texts, distorted or not, in token ids, padded."""

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
    """Token ids and mask (batch, tokens), targets (batch, labels), wanted embeddings (batch, width)."""

    ids: Tensor
    mask: Tensor
    targets: Tensor
    embeddings: Tensor | None

    def to(self, device: torch.device) -> Batch:
        """The same on another device."""
        return Batch(
            self.ids.to(device),
            self.mask.to(device),
            self.targets.to(device),
            None if self.embeddings is None else self.embeddings.to(device),
        )


class Epoch:
    """The batches of one epoch; the same seed gives the same ones."""

    def __init__(
        self, corpus: TrainingSet, tokenizer: Tokenizer, settings: Training, seed: tuple[int, int]
    ) -> None:
        random = np.random.default_rng([*seed, 1])
        self._corpus = corpus
        self._drawn = draw(corpus, settings.balance, random)
        texts = augment([corpus.texts[row] for row in self._drawn], settings.augmentation, random)
        self._rows = tokenization.encode(tokenizer, texts, settings.max_tokens)
        self._plan = tokenization.length_bucketed_batches(
            [len(row) for row in self._rows], settings.batch_size, seed
        )

    def __len__(self) -> int:
        return len(self._plan)

    def __iter__(self) -> Iterator[Batch]:
        for drawn in self._plan:
            ids, mask = tokenization.pad_batch([self._rows[at] for at in drawn])
            rows = self._drawn[drawn]
            targets = torch.from_numpy(self._corpus.targets[rows])
            wanted = self._corpus.embeddings
            embeddings = None if wanted is None else torch.from_numpy(wanted[rows].astype(np.float32))
            yield Batch(torch.from_numpy(ids), torch.from_numpy(mask), targets, embeddings)


def draw(corpus: TrainingSet, balance: float, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """Row numbers of one epoch (n,): each once, or with replacement so that rare emotions come more often.

    A text is as likely as its rarest emotion is rare, to the power of ``balance``.
    """
    count = len(corpus.texts)
    if not balance:
        return np.arange(count, dtype=np.int64)
    said = corpus.targets >= 0.5
    rates = np.maximum(said.mean(axis=0), 1.0 / count)
    rarest = np.where(said, rates, rates.max()).min(axis=1)
    weights = rarest**-balance
    return random.choice(count, size=count, p=weights / weights.sum()).astype(np.int64)


def augment(texts: list[str], settings: Augmentation, random: np.random.Generator) -> list[str]:
    """A share of the texts distorted, each in one way."""
    if not settings.share:
        return texts
    kinds = [settings.kinds[at] for at in random.integers(len(settings.kinds), size=len(texts))]
    touched = random.random(len(texts)) < settings.share
    return [
        distort(text, kind, settings.strength, random) if here else text
        for text, kind, here in zip(texts, kinds, touched, strict=True)
    ]
