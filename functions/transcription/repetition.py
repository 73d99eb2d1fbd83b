"""Decoders of speech loop where they hear nothing more: notice it, and keep what was said once."""

from __future__ import annotations

from collections.abc import Sequence

_LONGEST = 24
_WITHIN = 12


def find_loop(tokens: Sequence[int]) -> int:
    """How many tokens at the end are repetitions of those before them; 0 where nothing loops.

    A loop is a group of tokens said three times in a row, or more often where it is short: at least
    twelve tokens in all, because people do say "no, no, no, no".
    """
    for length in range(1, min(_LONGEST, len(tokens) // 3) + 1):
        times = max(3, -(-_WITHIN // length))
        tail = tokens[-length:]
        if len(tokens) >= length * times and all(
            tokens[-length * (turn + 1) : len(tokens) - length * turn] == tail for turn in range(1, times)
        ):
            return length * (times - 1)
    return 0
