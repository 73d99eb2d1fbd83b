"""Baseline summarizers: the first three sentences (LEAD-3), TextRank and LexRank (by `sumy`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
from sumy.nlp.stemmers import Stemmer
from sumy.summarizers.lex_rank import LexRankSummarizer
from sumy.summarizers.text_rank import TextRankSummarizer

SENTENCES = 3

Summarizer = Callable[[Sequence[str]], str]
"""Sentences of a text → summary."""


class _Words:
    """Tokenizer with the interface that `sumy` expects."""

    _WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")

    def to_words(self, sentence: str) -> list[str]:
        return self._WORD.findall(sentence.lower())


def lead(sentences: Sequence[str]) -> str:
    """The first three sentences."""
    return " ".join(sentences[:SENTENCES])


def text_rank(sentences: Sequence[str]) -> str:
    """Mihalcea and Tarau 2004, https://aclanthology.org/W04-3252."""
    return _ranked(TextRankSummarizer(Stemmer("english")), sentences)


def lex_rank(sentences: Sequence[str]) -> str:
    """Erkan and Radev 2004, https://doi.org/10.1613/jair.1523."""
    return _ranked(LexRankSummarizer(Stemmer("english")), sentences)


BASELINES: dict[str, Summarizer] = {"LEAD-3": lead, "TextRank": text_rank, "LexRank": lex_rank}


def _ranked(
    summarizer: Callable[[ObjectDocumentModel, int], Sequence[Sentence]], sentences: Sequence[str]
) -> str:
    words = _Words()
    if not any(words.to_words(sentence) for sentence in sentences):
        return lead(sentences)
    document = ObjectDocumentModel([Paragraph([Sentence(text, words) for text in sentences])])
    return " ".join(str(sentence) for sentence in summarizer(document, SENTENCES))
