"""ROUGE-1, -2 and -L (Lin 2004, https://aclanthology.org/W04-1013): F1 x 100 with stemming."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.tokenizers import DefaultTokenizer

Floats = npt.NDArray[np.float64]

NAMES = ("rouge1", "rouge2", "rougeL")


tokens = cache(DefaultTokenizer(use_stemmer=True).tokenize)
"""Stemmed tokens of a text, as `rouge-score` computes them; cached."""


class _Tokenizer:
    def tokenize(self, text: str) -> list[str]:
        stems: list[str] = tokens(text)
        return stems


def score(references: Sequence[str], summaries: Sequence[str]) -> Floats:
    """Scores (pairs, 3) in the order of ``NAMES``."""
    scorer = RougeScorer(list(NAMES), tokenizer=_Tokenizer())
    rows = [
        [100.0 * scores[name].fmeasure for name in NAMES]
        for scores in map(scorer.score, references, summaries)
    ]
    return np.asarray(rows, dtype=np.float64).reshape(-1, len(NAMES))
