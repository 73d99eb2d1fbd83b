"""Writing what a summary would say: words that likely belong into it are worth more to the search.

A text gains most expected F1 against the writer's own summary from words whose chance to be in it is above
half the F1 it reaches anyway (Dinkelbach's method on a ratio; the chances are concept weights as in Li et al.
2013, https://aclanthology.org/P13-1099). Added to log-probabilities while searching, that is shallow fusion
(Gulcehre et al. 2015, https://arxiv.org/abs/1503.03535) with the model of words that extracts are chosen by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from functions.summarization.beam_search import NextTokenModel

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from tokenizers import Tokenizer

    Floats = npt.NDArray[np.float32]

_PIECE = "##"


class WordBias(msgspec.Struct, frozen=True, kw_only=True):
    """How much words count beside what is likely to be written.

    Attributes:
        weight: 0 leaves the search alone.
        even: the chance at which a word is worth nothing; half the F1 that summaries reach.
    """

    weight: Annotated[float, Meta(ge=0.0)] = 0.0
    even: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.19


class WordBiasedModel:
    """Says what may come next as another writer does, for words new to the text by what they are worth.

    A word already written is worth nothing more. Implements `search.Writer`.
    """

    def __init__(self, writer: NextTokenModel, worth: Floats, unknown: float) -> None:
        self._writer = writer
        self._worth = worth
        self._unknown = unknown
        self._written: list[tuple[int, ...]] = []

    def start(self, opening: int) -> Floats:
        self._written = [()]
        made: Floats = self._writer.start(opening) + self._worth
        return made

    def step(self, parents: Sequence[int], tokens: Sequence[int]) -> Floats:
        self._written = [
            (*self._written[parent], token) for parent, token in zip(parents, tokens, strict=True)
        ]
        made: Floats = self._writer.step(parents, tokens) + self._worth
        for row, written in zip(made, self._written, strict=True):
            again = [token for token in dict.fromkeys(written) if self._worth[token] != 0.0]
            row[again] += self._unknown - self._worth[again]
        return made


def with_word_bias(
    writer: NextTokenModel, chances: Mapping[str, float], tokenizer: Tokenizer, worth: WordBias
) -> NextTokenModel:
    """A writer that prefers the words a summary would likely have; the same one where they count nothing."""
    if worth.weight == 0.0:
        return writer
    unknown = -worth.weight * worth.even
    table = unknown * _beginnings(tokenizer)
    for word, chance in chances.items():
        ids = tokenizer.encode(word, add_special_tokens=False).ids
        if ids:
            table[ids[0]] = max(table[ids[0]], worth.weight * (chance - worth.even))
    return WordBiasedModel(writer, table, unknown)


@lru_cache(maxsize=4)
def _beginnings(tokenizer: Tokenizer) -> Floats:
    """1 for tokens (vocabulary,) that begin a word, 0 for pieces, marks and signs."""
    import numpy as np

    known: dict[str, int] = tokenizer.get_vocab()
    made = np.zeros(max(known.values()) + 1, dtype=np.float32)
    made[[at for token, at in known.items() if not token.startswith(_PIECE) and token[0].isalnum()]] = 1.0
    return made
