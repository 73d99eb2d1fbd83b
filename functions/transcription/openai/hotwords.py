"""Finds the words in a prompt that recognition should favor: names and terms, not the prose around them.

OpenAI's models read a prompt as text that precedes the recording. SAMO's engines favor words, so a prompt is
either a list of them (`Wójcik, kubectl, Digique Plus`), or prose that mentions names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

MAX_HOTWORDS = 100
"""The last ones count, as in OpenAI's API, which reads the end of a long prompt."""
_MAX_CHARS = 50
_MAX_WORDS = 3
_WORD = re.compile(r"[^\W_](?:[\w'’.-]*\w)?")
_LABEL = re.compile(r"^[^,;\n]*?:\s", re.MULTILINE)
_SEPARATOR = re.compile(r"[,;:\n\r]+")
_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$)")


def hotwords(prompt: str, keywords: Sequence[str] = ()) -> tuple[str, ...]:
    """The names and terms in a prompt, and the keywords, each once and in order."""
    found = (*_in_prompt(prompt), *(" ".join(keyword.split()) for keyword in keywords))
    once = dict.fromkeys(word for word in found if 1 < len(word) <= _MAX_CHARS)
    return tuple(once)[-MAX_HOTWORDS:]


def _in_prompt(prompt: str) -> Iterator[str]:
    parts = [part for part in _SEPARATOR.split(_LABEL.sub("", prompt)) if part.strip()]
    is_list = all(len(part.split()) <= _MAX_WORDS for part in parts) and not _SENTENCE_END.search(prompt)
    if is_list:
        yield from (" ".join(part.split()) for part in parts)
        return
    for sentence in _SENTENCE_END.split(prompt):
        yield from _names(sentence)


def _names(sentence: str) -> Iterator[str]:
    """Runs of up to three capitalized words. The first word of a sentence counts only as part of a run, or if
    it has another capital or a digit."""
    run, begins = list[str](), True
    for part in _SEPARATOR.split(sentence):
        for word in _WORD.findall(part):
            if _is_name(word, begins=begins):
                run.append(word)
            else:
                yield from _joined(run)
                run = []
            begins = False
        yield from _joined(run)
        run = []


def _is_name(word: str, *, begins: bool) -> bool:
    if word == "I" or word.startswith(("I'", "I’")):
        return False
    unusual = any(letter.isupper() or letter.isdigit() for letter in word[1:])
    return unusual or (word[0].isupper() and not begins)


def _joined(run: Sequence[str]) -> Iterator[str]:
    for first in range(0, len(run), _MAX_WORDS):
        yield " ".join(run[first : first + _MAX_WORDS])
