"""Choose few sentences that matter and do not repeat each other."""

from __future__ import annotations

from collections.abc import Sequence

from functions.summarization.bags import Bag, cosine


def select(
    scores: Sequence[float],
    bags: Sequence[Bag],
    lengths: Sequence[int],
    *,
    limit: int,
    budget: int,
    redundancy: float,
) -> list[int]:
    """Sentences chosen by maximal marginal relevance (Carbonell and Goldstein 1998), best first.

    Each further one is the best after paying `redundancy` times its greatest likeness to one already
    chosen. At most `limit`; all but the first must fit, by their `lengths`, into `budget`.
    """
    likest = [0.0] * len(scores)
    chosen: list[int] = []
    left = list(range(len(scores)))
    while left and len(chosen) < limit:
        best = max(left, key=lambda index: scores[index] - redundancy * likest[index])
        chosen.append(best)
        budget -= lengths[best]
        left = [index for index in left if index != best and lengths[index] <= budget]
        for index in left:
            likest[index] = max(likest[index], cosine(bags[index], bags[best]))
    return chosen
