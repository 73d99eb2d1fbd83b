"""Sentence segmentation of written or spoken text; each sentence is a span of the text.

Rules, not a model, unless there is no punctuation (`run_ons`): journals are informal (no capitals, emoji for
full stops, lists), and every import slows a cold start. Between two spans there is only white space, or text
that is no sentence (`markup`); if all of a text is markup, it is split as prose. Every pattern is possessive,
so time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from functions.shared.domain.content import Segment
from functions.shared.text.full_stops import ends_sentence

Span = tuple[int, int]
"""Start and end (exclusive) of a sentence in its text."""

MAX_WORDS = 40
"""Longer sentences are always cut."""
_RUN_ON_WORDS = 13
"""Longer sentences without any punctuation may be several."""
_WRAPPED_AT = 50
"""A line at least this long whose next line begins in lower case was wrapped."""

_SIGNS = ("<", "|", "```", "~~~", "---", "***", "___", "===", "+++", "- -", "* *", "://", "](", "]:")
"""A text with none of these has no markup."""
_EMOJI = "\u2600-\u27bf\ufe0f\u200d\u20e3\U0001f000-\U0001faff"
_LINE = re.compile(r"[^\n\r\u2028\u2029]++")
_BULLET = re.compile(r"(?:[-*•–—▪◦·]|\[[ xX]?\]|\(?\d{1,3}[.)])\s")
_STOP = re.compile(rf"[.!?…。！？｡]++[\"'”’»)\]]*+(?:[ ]?[{_EMOJI}]++)*+|[{_EMOJI}]++(?:[ ][{_EMOJI}]++)*+")
_CONTENT = re.compile(r"[^\W_]")
_SPACE = re.compile(r"\s*+")
_WORD = re.compile(r"\S++")
_ASIDE = r"(?<![\w\"])\"[^\"]{1,300}+\"(?:(?<=,\")|(?=\s[a-z]))|“[^“”]{1,300}+”(?:(?<=,”)|(?=\s[a-z]))"
"""Speech that is quoted within a sentence; compiled for the first text with quotation marks."""


def split(text: str) -> list[str]:
    """The sentences of `text`, in order."""
    return [text[start:end] for start, end in spans(text)]


def split_speech(text: str) -> list[str]:
    """The sentences of recognized speech, which has no markup: only white space is between them."""
    return [text[start:end] for start, end in _spans(text, 0, len(text))]


def segments(text: str) -> tuple[Segment, ...]:
    """Typed text as the untimed segments of a transcript."""
    return tuple(Segment(text=sentence) for sentence in split(text))


def spans(text: str) -> list[Span]:
    """The spans of the sentences in `text`, without the white space around them."""
    return [span for start, end in _prose(text) for span in _spans(text, start, end)]


def _prose(text: str) -> list[Span]:
    """The spans that are no markup. Most texts have none, so how to find it is not imported for them."""
    if not any(sign in text for sign in _SIGNS):
        return [(0, len(text))]
    from functions.shared.text.markup import prose

    return prose(text)


def _spans(text: str, start: int, end: int) -> Iterator[Span]:
    for paragraph in _paragraphs(text, start, end):
        for sentence in _sentences(text, *paragraph):
            yield from _clauses(text, *sentence)


def _paragraphs(text: str, start: int, end: int) -> Iterator[Span]:
    """Lines without surrounding space; wrapped lines are joined."""
    lines = [line for match in _LINE.finditer(text, start, end) if (line := _trim(text, *match.span()))]
    begin = 0
    for index, line in enumerate(lines):
        following = lines[index + 1] if index + 1 < len(lines) else None
        if following and _wrapped(text, line, following):
            continue
        yield lines[begin][0], line[1]
        begin = index + 1


def _wrapped(text: str, line: Span, following: Span) -> bool:
    runs_on = text[following[0]].islower() and text[line[1] - 1] not in ".!?…:"
    return runs_on and line[1] - line[0] >= _WRAPPED_AT and text.count("\n", line[1], following[0]) < 2


def _trim(text: str, start: int, end: int) -> Span | None:
    words = text[start:end].strip()
    begin = text.index(words, start)
    return (begin, begin + len(words)) if words else None


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """The sentences of one paragraph; each contains a letter or digit if the paragraph does."""
    bullet = _BULLET.match(text, start, end)
    content = _CONTENT.search(text, bullet.end() if bullet else start, end)
    asides = _asides(text, start, end)
    aside = next(asides, None)
    for stop in _STOP.finditer(text, content.end() if content else end, end):
        if content is None or stop.start() < content.start() or not _ends(text, stop, end):
            continue
        while aside and aside.end() < stop.end():
            aside = next(asides, None)
        if aside and aside.start() < stop.start():
            continue
        content = _CONTENT.search(text, stop.end(), end)
        if content:
            yield start, stop.end()
            start = _after_space(text, stop.end())
    yield start, end


def _asides(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    quoted = text.find('"', start, end) >= 0 or text.find("“", start, end) >= 0
    return re.compile(_ASIDE).finditer(text, start, end) if quoted else iter(())


def _ends(text: str, stop: re.Match[str], end: int) -> bool:
    """Whether a sentence ends at `stop`, judging by the mark and by what follows it."""
    mark = stop.group()
    follower = _after_space(text, stop.end())
    if follower >= end or mark[0] in "。！？｡":
        return True
    if follower == stop.end():
        return _glued(text, stop)
    if mark == ".":
        return ends_sentence(text, stop.start(), follower)
    if mark[0] not in ".!?…":  # an emoji
        return text[follower].isupper()
    trails_off = mark.startswith(("..", "…"))
    quoted = mark[-1] in "\"'”’»)]"
    return not ((trails_off or quoted) and text[follower].islower())


def _after_space(text: str, position: int) -> int:
    space = _SPACE.match(text, position)
    return space.end() if space else position


def _glued(text: str, stop: re.Match[str]) -> bool:
    """Whether a space is missing ("vacation.We"), as opposed to a file name, a link or a number."""
    word = text[max(0, stop.start() - 30) : stop.start()].split(" ")[-1].rstrip('"”')
    space_missing = word[-2:].isalpha() and word[-2:].islower() and text[stop.end()].isupper()
    return space_missing and stop.group()[0] in ".!?" and not set("/@:") & set(word)


def _clauses(text: str, start: int, end: int) -> Iterator[Span]:
    """A sentence; several if it runs on, as speech without punctuation does."""
    words = [word.span() for word in _WORD.finditer(text, start, end)]
    firsts = [0]
    if _may_run_on(text, words):
        from functions.shared.text import run_ons

        firsts += run_ons.cuts([text[slice(*word)] for word in words], MAX_WORDS)
    for first, following in zip(firsts, [*firsts[1:], len(words)], strict=True):
        yield words[first][0], words[following - 1][1]


def _may_run_on(text: str, words: list[Span]) -> bool:
    """Whether a sentence is so long, for its punctuation, that it may be several."""
    marked = any(text[end - 1] in ',;:—–.!?…"”' for _, end in words)
    return len(words) > (MAX_WORDS if marked else _RUN_ON_WORDS)
