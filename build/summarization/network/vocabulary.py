"""PretrainingTexts to token ids as the network reads and writes them.

Lines of a source are set apart with the tokenizer's separator, so that turns of a conversation and paragraphs
stay visible. A summary opens with a mark of its length (control by a first token: Kikuchi et al. 2016,
https://aclanthology.org/D16-1140) and ends with the separator.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence

from tokenizers import Tokenizer

OPEN, CLOSE, MASK, PAD = "[CLS]", "[SEP]", "[MASK]", "[PAD]"
LENGTHS = (10, 16, 24, 32, 42, 56)
"""Words of a summary up to which each mark of length holds; the last mark is for any longer."""
_MARK = "[unused{}]"


class Vocabulary:
    """A BERT tokenizer, and what of it means something here."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.open, self.close, self.mask, self.pad = (self._id(token) for token in (OPEN, CLOSE, MASK, PAD))
        self.marks = tuple(self._id(_MARK.format(number)) for number in range(len(LENGTHS) + 1))

    def mark(self, summary: str) -> int:
        """The token that says how long a summary is."""
        return self.marks[bisect_left(LENGTHS, len(summary.split()))]

    def sources(self, texts: Sequence[str], most: int) -> list[list[int]]:
        """Each text's ids, at most ``most``: what is longer loses its end."""
        rows = [[line for line in text.split("\n") if line.strip()] for text in texts]
        flat = iter(self._encode([line for lines in rows for line in lines]))
        made = []
        for lines in rows:
            ids = [self.open]
            for _ in lines:
                ids += [*next(flat), self.close]
            made.append([*ids[: most - 1], self.close] if len(ids) > most else ids)
        return made

    def targets(self, texts: Sequence[str], most: int) -> list[list[int]]:
        """Each summary's ids behind its mark of length and before its end, at most one more than ``most``."""
        rows = self._encode(texts)
        return [
            [self.mark(text), *ids[: most - 1], self.close] for text, ids in zip(texts, rows, strict=True)
        ]

    def common(self, texts: Iterable[str], count: int) -> list[int]:
        """The ``count`` most frequent tokens of ``texts``, in their order; the end of a summary is one."""
        found = Counter(token for row in self._encode(list(texts)) for token in row)
        return sorted({self.close, *(token for token, _ in found.most_common(count - 1))})

    def _encode(self, texts: Sequence[str]) -> list[list[int]]:
        return [each.ids for each in self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def _id(self, token: str) -> int:
        found = self.tokenizer.token_to_id(token)
        if found is None:
            raise ValueError(f"the tokenizer has no {token}")
        return int(found)
