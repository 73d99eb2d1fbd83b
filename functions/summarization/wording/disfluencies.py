"""Disfluency removal: a spoken sentence without hesitations, restarts and markup, as one would write it.

Only words that were said are kept, in their order; nothing is added but a full stop.
"""

from __future__ import annotations

import re

_HESITATION = re.compile(r"(?:^|(?<=\s))(?:u+h+m*|u+m+|e+rm+|h+m+)(?=[\s,.!?…]|$)[,.…]*\s*+", re.IGNORECASE)
_OPENING = re.compile(
    r"^(?:(?:so|well|okay|ok|anyway|anyways|yeah|right|alright|and|but|like|you know|i mean)\b,?\s+)+"
    r"(?=\S+\s+\S+)",
    re.IGNORECASE,
)
_RESTART = re.compile(
    r"\b((?:i|we|he|she|it|they|you|the|a|an|my|our|his|her|their|and|but|to|in|of|at|on|for|with|was|were|is|are"
    r"|i'm|i've|it's|that's)(?:\s+\w+){0,2}?)(?:\s*[,…–—-]+)?\s+(?=\1\b)",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"^(?:(?:#{1,6}|>|[-*+•–—▪◦·]|\[[ xX]?\]|\d{1,3}[.)])\s+)+")
_EMPHASIS = re.compile(r"(?<!\w)(?:\*{1,3}|_{1,2})(?=\S)(.+?)(?<=\S)(?:\*{1,3}|_{1,2})(?!\w)")
_SPACE_BEFORE_MARK = re.compile(r"\s+(?=[,.!?…])")
_ENDS = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_TRAILING = re.compile(r"[\s,;:–—-]+$")
_LETTER = re.compile(r"[^\W\d_]")
_ENDS_IN_WORD = re.compile(r"\w$")


def remove_disfluencies(text: str) -> str:
    """Tidy one sentence of speech or writing. A sentence of hesitations alone stays as it is."""
    tidy = _HESITATION.sub("", text)
    for _ in range(3):  # "I I I was": each pass removes one repetition
        tidy = _RESTART.sub("", tidy)
    tidy = _EMPHASIS.sub(r"\1", _MARKUP.sub("", tidy.strip()))
    tidy = _SPACE_BEFORE_MARK.sub("", _OPENING.sub("", tidy.lstrip(" ,.…-"))).strip()
    if not _LETTER.search(tidy):
        return " ".join(text.split())
    tidy = capitalize(_TRAILING.sub("", tidy))
    return tidy + "." if _ENDS_IN_WORD.search(tidy) and not _ENDS.search(tidy) else tidy


def capitalize(text: str) -> str:
    """`text` with its first letter in upper case, if that letter has an upper case."""
    first = text[:1].upper()
    return first + text[1:] if first.lower() == text[:1] else text
