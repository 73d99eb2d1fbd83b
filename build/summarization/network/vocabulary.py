"""Converts texts to the token ids of the network's sources and targets.

The lines of a source are separated by the tokenizer's separator, so that turns of a conversation and
paragraphs stay visible. A summary starts with a token for its length (length control: Kikuchi et al. 2016,
https://aclanthology.org/D16-1140) and ends with the separator.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence

from tokenizers import Tokenizer

OPEN, CLOSE, MASK, PAD = "[CLS]", "[SEP]", "[MASK]", "[PAD]"
LENGTH_BOUNDS = (10, 16, 24, 32, 42, 56)
"""Maximum number of words for each length token; the last token is for longer summaries."""
_LENGTH_TOKEN_FORMAT = "[unused{}]"  # noqa: S105


class Vocabulary:
    """A BERT tokenizer and its special tokens in this network."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.open, self.close, self.mask, self.pad = (self._id(token) for token in (OPEN, CLOSE, MASK, PAD))
        self.length_tokens = tuple(
            self._id(_LENGTH_TOKEN_FORMAT.format(number)) for number in range(len(LENGTH_BOUNDS) + 1)
        )

    def length_token(self, summary: str) -> int:
        """The length token of a summary."""
        return self.length_tokens[bisect_left(LENGTH_BOUNDS, len(summary.split()))]

    def sources(self, texts: Sequence[str], max_tokens: int) -> list[list[int]]:
        """Token ids of each source, truncated to ``max_tokens``."""
        rows = [[line for line in text.split("\n") if line.strip()] for text in texts]
        encoded = iter(self._encode([line for lines in rows for line in lines]))
        sources = []
        for lines in rows:
            ids = [self.open]
            for _ in lines:
                ids += [*next(encoded), self.close]
            sources.append([*ids[: max_tokens - 1], self.close] if len(ids) > max_tokens else ids)
        return sources

    def targets(self, texts: Sequence[str], max_tokens: int) -> list[list[int]]:
        """Token ids of each summary between its length token and its end, at most ``max_tokens`` + 1."""
        rows = self._encode(texts)
        return [
            [self.length_token(text), *ids[: max_tokens - 1], self.close]
            for text, ids in zip(texts, rows, strict=True)
        ]

    def most_frequent(self, texts: Iterable[str], count: int) -> list[int]:
        """The ``count`` most frequent tokens of ``texts`` in ascending order, including the end token."""
        counts = Counter(token for row in self._encode(list(texts)) for token in row)
        return sorted({self.close, *(token for token, _ in counts.most_common(count - 1))})

    def _encode(self, texts: Sequence[str]) -> list[list[int]]:
        return [
            encoding.ids
            for encoding in self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        ]

    def _id(self, token: str) -> int:
        token_id = self.tokenizer.token_to_id(token)
        if token_id is None:
            raise ValueError(f"the tokenizer has no {token}")
        return int(token_id)
