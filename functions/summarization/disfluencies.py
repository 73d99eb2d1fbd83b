"""A sentence as one would write it down: without hesitations, restarts and markup, beginning with a capital.

Only words said are kept, and in their order; nothing is added but a full stop.
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
_BEFORE_MARK = re.compile(r"\s+(?=[,.!?…])")
_ENDS = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_TRAILING = re.compile(r"[\s,;:–—-]+$")
_LETTER = re.compile(r"[^\W\d_]")
_WORD_LAST = re.compile(r"\w$")


def remove_disfluencies(text: str) -> str:
    """One sentence of speech or writing; a sentence of hesitations alone stays as it is."""
    made = _HESITATION.sub("", text)
    for _ in range(3):  # "I I I was": each pass takes away one
        made = _RESTART.sub("", made)
    made = _EMPHASIS.sub(r"\1", _MARKUP.sub("", made.strip()))
    made = _BEFORE_MARK.sub("", _OPENING.sub("", made.lstrip(" ,.…-"))).strip()
    if not _LETTER.search(made):
        return " ".join(text.split())
    made = _TRAILING.sub("", made)
    made = capitalize(made)
    return made + "." if _WORD_LAST.search(made) and not _ENDS.search(made) else made


def capitalize(text: str) -> str:
    """`text` with a capital first, where its first letter has one."""
    first = text[:1].upper()
    return first + text[1:] if first.lower() == text[:1] else text
