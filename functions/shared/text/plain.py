"""Text as one would read it aloud: without HTML tags and entities."""

from __future__ import annotations

import re

INLINE_TAGS = "a|abbr|b|cite|code|del|em|font|i|ins|mark|q|s|small|span|strong|sub|sup|u"
BLOCK_TAGS = (
    "article|aside|blockquote|body|br|center|dd|details|div|dl|dt|figcaption|figure|footer|form|h[1-6]|head"
    "|header|hr|html|iframe|img|input|li|link|main|meta|nav|ol|p|pre|section|script|style|summary|table|tbody"
    "|td|tfoot|th|thead|title|tr|ul|video|audio|button|label|picture|source"
)
"""Elements that are, or divide, paragraphs."""

_TAG = rf"(?i)</?(?:{INLINE_TAGS}|{BLOCK_TAGS})(?:\s[^<>]*+|/)?+>"
_ENTITY = r"&(amp|lt|gt|quot|apos|nbsp|#39);"
_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " ", "#39": "'"}


def plain(text: str) -> str:
    """A sentence without tags and entities. Patterns are compiled for the first text that may have any."""
    if "<" in text:
        text = re.sub(_TAG, "", text)
    return re.sub(_ENTITY, lambda match: _CHARACTERS[match[1]], text) if "&" in text else text
