"""Tokenization, padding, and batches of texts of similar length, which need little padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

Ids = npt.NDArray[np.int64]

_POOL = 50
"""Batches per pool. Pools are shuffled, then sorted by length: larger pools pad less, but mix less."""


def load_tokenizer(path: Path) -> Tokenizer:
    """Load a tokenizer without the padding and truncation that its file may configure."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def encode(tokenizer: Tokenizer, texts: Sequence[str], max_tokens: int) -> list[list[int]]:
    """Token ids of each text, with special tokens, truncated to ``max_tokens``."""
    tokenizer.enable_truncation(max_tokens)
    ids = [encoding.ids for encoding in tokenizer.encode_batch_fast(list(texts))]
    tokenizer.no_truncation()
    return ids


def pad_batch(rows: Sequence[Sequence[int]], pad_id: int = 0) -> tuple[Ids, Ids]:
    """``input_ids`` and ``attention_mask``, both (rows, length of the longest row)."""
    width = max(len(row) for row in rows)
    ids = np.full((len(rows), width), pad_id, dtype=np.int64)
    mask = np.zeros((len(rows), width), dtype=np.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return ids, mask


def length_sorted_batches(lengths: Sequence[int], batch_size: int) -> list[Ids]:
    """Row indices in batches of similar length, shortest first; for evaluation."""
    order = np.argsort(np.asarray(lengths), kind="stable").astype(np.int64)
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


def padded_batches(rows: Sequence[Sequence[int]], batch_size: int) -> Iterator[tuple[Ids, Ids, Ids]]:
    """Row indices, ids and mask of each batch, sorted by length."""
    for batch in length_sorted_batches([len(row) for row in rows], batch_size):
        yield batch, *pad_batch([rows[at] for at in batch])


def length_bucketed_batches(lengths: Sequence[int], batch_size: int, seed: Sequence[int]) -> list[Ids]:
    """Row indices in random batches of similar length; the same ``seed`` gives the same batches."""
    random = np.random.default_rng(list(seed))
    order = random.permutation(len(lengths)).astype(np.int64)
    sizes = np.asarray(lengths)
    batches: list[Ids] = []
    for start in range(0, len(order), batch_size * _POOL):
        pool = order[start : start + batch_size * _POOL]
        pool = pool[np.argsort(sizes[pool], kind="stable")]
        batches += [pool[offset : offset + batch_size] for offset in range(0, len(pool), batch_size)]
    return [batches[index] for index in random.permutation(len(batches))]


def token_budget_batches(lengths: Sequence[int], budget: int, seed: Sequence[int]) -> list[Ids]:
    """Row indices in random batches of at most ``budget`` tokens each, padding included.

    A row longer than ``budget`` becomes a batch of its own.
    """
    random = np.random.default_rng(list(seed))
    row_lengths = np.asarray(lengths)
    pools = -(-int(row_lengths.sum()) // (budget * _POOL))
    batches: list[Ids] = []
    for pool in np.array_split(random.permutation(len(row_lengths)).astype(np.int64), max(1, pools)):
        rows: list[int] = []
        for row in pool[np.argsort(row_lengths[pool], kind="stable")].tolist():
            if rows and row_lengths[row] * (len(rows) + 1) > budget:
                batches.append(np.asarray(rows))
                rows = []
            rows.append(row)
        if rows:
            batches.append(np.asarray(rows))
    return [batches[index] for index in random.permutation(len(batches))]
