"""Entries as arrays: tokens, the tokens of each sentence, and targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor

from build import tokenization
from build.data.journal.entries import Entry
from build.data.journal.labels import EMOTIONS, FEELINGS, TOPICS, Labels
from functions.emotion.reader import OF_SENTENCES, readable

Floats = npt.NDArray[np.float32]
Targets = dict[str, Floats]
MAX_SENTENCE_TOKENS = 128
"""Longer sentences, which are run-ons or noise, are read up to here."""


class Example(NamedTuple):
    """One window of an entry: its token ids, and the first and last (exclusive) token of each sentence."""

    ids: list[int]
    spans: list[tuple[int, int]]


class Batch(NamedTuple):
    """Inputs of the network, its targets, and which sentences (batch, sentences) are no padding."""

    input_ids: Tensor
    attention_mask: Tensor
    pooling: Tensor
    targets: dict[str, Tensor]
    present: Tensor


def encode(tokenizer: Tokenizer, sentences: Sequence[str], max_tokens: int) -> Example:
    """As many sentences, from the first, as fit into `max_tokens` with special tokens."""
    first, last = _special_tokens(tokenizer)
    ids, spans = [first], []
    for sentence in sentences:
        tokens = tokenizer.encode(readable(sentence), add_special_tokens=False).ids[:MAX_SENTENCE_TOKENS]
        if not tokens or len(ids) + len(tokens) + 1 > max_tokens:
            break
        spans.append((len(ids), len(ids) + len(tokens)))
        ids += tokens
    return Example([*ids, last], spans)


def targets(labels: Labels, primary_share: float) -> Targets:
    """What each output should be: (sentences, width) or (width,)."""
    primary = np.zeros(len(EMOTIONS), dtype=np.float32)
    others = [EMOTIONS.index(emotion) for emotion in labels.also]
    primary[others] = (1.0 - primary_share) / max(1, len(others))
    primary[EMOTIONS.index(labels.primary)] = primary_share if others else 1.0
    sentences = len(labels.emotions)
    return {
        "sentence_emotions": np.stack([_one_hot(emotions, EMOTIONS) for emotions in labels.emotions]),
        "core": _one_hot(labels.core, range(sentences))[:, None],
        "avoid": _one_hot(labels.avoid, range(sentences))[:, None],
        "emotions": _one_hot(labels.whole, EMOTIONS),
        "primary": primary,
        "feelings": _one_hot(labels.feelings, FEELINGS),
        "topics": _one_hot(labels.topics, TOPICS),
        "mood": np.asarray([labels.valence], dtype=np.float32),
        "support": np.asarray([labels.concern], dtype=np.float32),
    }


def rates(entries: Sequence[Entry], primary_share: float) -> dict[str, Tensor]:
    """The mean of each output's targets but mood's, over sentences or entries: (width,)."""
    rows = [targets(entry.labels, primary_share) for entry in entries]
    return {
        name: torch.from_numpy(np.concatenate([np.atleast_2d(row[name]) for row in rows]).mean(axis=0))
        for name in rows[0]
        if name != "mood"
    }


def collate(examples: Sequence[Example], entries: Sequence[Entry], primary_share: float) -> Batch:
    """Pad a batch. Sentences that did not fit into an example's window have no targets."""
    ids, mask = tokenization.pad_batch([example.ids for example in examples])
    count = max(len(example.spans) for example in examples)
    pooling = np.zeros((len(examples), count, ids.shape[1]), dtype=np.float32)
    for row, example in enumerate(examples):
        for sentence, (start, end) in enumerate(example.spans):
            pooling[row, sentence, start:end] = 1.0 / (end - start)
    rows = [targets(entry.labels, primary_share) for entry in entries]
    padded = {
        name: np.stack([_pad(row[name], count) if name in OF_SENTENCES else row[name] for row in rows])
        for name in rows[0]
    }
    return Batch(
        torch.from_numpy(ids),
        torch.from_numpy(mask),
        torch.from_numpy(pooling),
        {name: torch.from_numpy(values) for name, values in padded.items()},
        torch.from_numpy(pooling.sum(axis=2) > 0),
    )


def _special_tokens(tokenizer: Tokenizer) -> tuple[int, int]:
    """The ids of the tokens around a text: [CLS] and [SEP], or <s> and </s>."""
    first, *_, last = tokenizer.encode("a").ids
    return first, last


def _one_hot(names: Sequence[object], labels: Sequence[object]) -> Floats:
    return np.asarray([label in names for label in labels], dtype=np.float32)


def _pad(rows: Floats, count: int) -> Floats:
    """The first `count` rows, or zeros after the last."""
    padded = np.zeros((count, rows.shape[1]), dtype=np.float32)
    padded[: min(count, len(rows))] = rows[:count]
    return padded
