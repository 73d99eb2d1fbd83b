"""Whether a transcript has the words that its user saw while dictating.

An entry keeps a digest of them, which is enough to tell that a transcript differs, and says nothing else.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from functions.shared.domain.content import Segment

_WORD = re.compile(r"[^\W_]+")


def words_digest(text: str) -> str | None:
    """A digest of the words in `text`, without case and punctuation; None if there are none."""
    words = " ".join(_WORD.findall(text.casefold()))
    return hashlib.blake2b(words.encode(), digest_size=16).hexdigest() if words else None


def recognized_text(segments: Iterable[Segment]) -> str:
    """The text of what was recognized, without what was left out."""
    return " ".join(segment.text for segment in segments if segment.left_out is None)
