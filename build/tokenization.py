"""Texts to batches of token ids, grouped by length so that little of a batch is padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

Ids = npt.NDArray[np.int64]

_POOL = 50
"""Batches shuffled together before they are sorted by length: more sorts better, less shuffles better."""


def open_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer without the padding and truncation its file may ask for."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def encode(tokenizer: Tokenizer, texts: Sequence[str], max_tokens: int) -> list[list[int]]:
    """Token ids of each text, special tokens included, at most ``max_tokens`` of them."""
    tokenizer.enable_truncation(max_tokens)
    ids = [encoding.ids for encoding in tokenizer.encode_batch_fast(list(texts))]
    tokenizer.no_truncation()
    return ids


def pad(rows: Sequence[Sequence[int]], pad_id: int = 0) -> tuple[Ids, Ids]:
    """``input_ids`` and ``attention_mask``, both (rows, longest row)."""
    width = max(len(row) for row in rows)
    ids = np.full((len(rows), width), pad_id, dtype=np.int64)
    mask = np.zeros((len(rows), width), dtype=np.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return ids, mask


def by_length(lengths: Sequence[int], batch_size: int) -> list[Ids]:
    """Row numbers in batches of near-equal length, shortest first; for evaluation."""
    order = np.argsort(np.asarray(lengths), kind="stable").astype(np.int64)
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


def padded(rows: Sequence[Sequence[int]], batch_size: int) -> Iterator[tuple[Ids, Ids, Ids]]:
    """Row numbers, ids and mask of each batch, by length."""
    for batch in by_length([len(row) for row in rows], batch_size):
        yield batch, *pad([rows[at] for at in batch])


def shuffled(lengths: Sequence[int], batch_size: int, seed: Sequence[int]) -> list[Ids]:
    """Row numbers in random batches of near-equal length; the same ``seed`` gives the same batches."""
    random = np.random.default_rng(list(seed))
    order = random.permutation(len(lengths)).astype(np.int64)
    sizes = np.asarray(lengths)
    batches: list[Ids] = []
    for start in range(0, len(order), batch_size * _POOL):
        pool = order[start : start + batch_size * _POOL]
        pool = pool[np.argsort(sizes[pool], kind="stable")]
        batches += [pool[at : at + batch_size] for at in range(0, len(pool), batch_size)]
    return [batches[index] for index in random.permutation(len(batches))]


def budgeted(lengths: Sequence[int], most: int, seed: Sequence[int]) -> list[Ids]:
    """Row numbers in random batches of near-equal length, each of at most ``most`` tokens with its padding.

    A row longer than ``most`` is a batch of its own.
    """
    random = np.random.default_rng(list(seed))
    sizes = np.asarray(lengths)
    pools = -(-int(sizes.sum()) // (most * _POOL))
    batches: list[Ids] = []
    for pool in np.array_split(random.permutation(len(sizes)).astype(np.int64), max(1, pools)):
        rows: list[int] = []
        for row in pool[np.argsort(sizes[pool], kind="stable")].tolist():
            if rows and sizes[row] * (len(rows) + 1) > most:
                batches.append(np.asarray(rows))
                rows = []
            rows.append(row)
        if rows:
            batches.append(np.asarray(rows))
    return [batches[index] for index in random.permutation(len(batches))]
