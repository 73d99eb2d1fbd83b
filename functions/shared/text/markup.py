"""Finds the prose in a text: what is left without front matter, code, tables, rules, lists of links and tags.

Only what is certainly markup is left out. Time is linear: every pattern is possessive, and no search for an
end is repeated after it has failed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from functions.shared.text.plain import BLOCK_TAGS

Span = tuple[int, int]

_LINE = re.compile(r"[^\n\r\u2028\u2029]*+(?:\r\n|[\n\r\u2028\u2029]|\Z)")
_RULE = re.compile(r"[ \t]*+(?:-[ \t]*+){3,}+\s*+|[ \t]*+(?:\*[ \t]*+){3,}+\s*+|[ \t]*+[_=]{3,}+\s*+")
_FENCE = re.compile(r"[ \t]*+(?:(`)``|(~)~~)[`~]*+([^`\n]*+)\s*+")
_YAML = re.compile(r"\s*+|\s++\S.*+|([\w.-]++(?: [\w.-]++)?+:)(?:\s.*+)?+|-\s.*+|#.*+", re.DOTALL)
_TOML = re.compile(r"\s*+|\s++\S.*+|([\w.\"'-]++ *+=).*+|\[.*+|#.*+", re.DOTALL)
_ROW = re.compile(r"[ \t]*+\|(?:[^|\n]*+\|){2,}+\s*+")
_UNDERLINE = re.compile(r"[ \t]*+\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+(?::?-++:?[ \t]*+)?+)++\s*+")
_TARGET = r"(?:https?://|www\.|mailto:)[^\s<>)]++"
_LINK = rf"(?:!\[[^\]\n]*+\]\([^)\n]*+\)|\[[^\]\n]*+\]\([^)\n]*+\)|<?{_TARGET}>?\)?)"
_LINKS = re.compile(rf"\s*+(?:[-*•+]\s++|\d{{1,3}}[.)]\s++)?+{_LINK}(?:[\s,;|·•]*+{_LINK})*+[\s.,;|·•]*+")
_REFERENCE = re.compile(r"[ \t]*+\[[^\]\n]++\]:[ \t]*+\S.*+\s*+")
_BLOCK_TAG = re.compile(rf"</?(?:{BLOCK_TAGS})(?:\s[^<>]*+|/)?+>|<!doctype[^<>]*+>", re.IGNORECASE)
_NO_PROSE = re.compile(r"<(?:pre|script|style|head)(?:\s[^<>]*+)?+>|<!--", re.IGNORECASE)
_ENDS = {"!--": re.compile("-->")} | {
    name: re.compile(rf"</{name}>", re.IGNORECASE) for name in ("pre", "script", "style", "head")
}
_CONTENT = re.compile(r"[^\W_]")


def prose(text: str) -> list[Span]:
    """The spans of `text` that may have sentences, in order; the whole text if all of it is markup."""
    spans, position = list[Span](), 0
    for start, end in [*_holes(text), (len(text), len(text))]:
        if start > position:
            spans.append((position, start))
        position = max(position, end)
    has_content = any(_CONTENT.search(text, *span) for span in spans)
    return spans if has_content else [(0, len(text))]


def _holes(text: str) -> list[Span]:
    lines = [match.span() for match in _LINE.finditer(text) if match.end() > match.start()]
    tags = (match.span() for match in _BLOCK_TAG.finditer(text)) if "<" in text else ()
    return sorted([*_line_holes(text, lines), *_elements(text), *tags])


def _line_holes(text: str, lines: Sequence[Span]) -> Iterator[Span]:
    """Front matter, fenced code, tables, rules and lists of links."""
    index = _front_matter(text, lines)
    if index:
        yield lines[0][0], lines[index - 1][1]
    fences = _last_fences(text, lines)
    while index < len(lines):
        end = _code_end(text, lines, index, fences) or _table_end(text, lines, index)
        if end or any(pattern.fullmatch(text, *lines[index]) for pattern in (_RULE, _LINKS, _REFERENCE)):
            end = end or index + 1
            yield lines[index][0], lines[end - 1][1]
        index = max(end, index + 1)


def _front_matter(text: str, lines: Sequence[Span]) -> int:
    """The number of lines of YAML or TOML at the beginning, 0 if there is none."""
    first = next((index for index, line in enumerate(lines) if text[slice(*line)].strip()), len(lines))
    mark = text[slice(*lines[first])].strip("\ufeff \t\r\n") if first < len(lines) else ""
    if mark not in {"---", "+++"}:
        return 0
    pattern, keys = _YAML if mark == "---" else _TOML, 0
    for index in range(first + 1, len(lines)):
        if text[slice(*lines[index])].strip() in {mark, "..."}:
            return index + 1 if keys else 0
        match = pattern.fullmatch(text, *lines[index])
        if match is None:
            return 0
        keys += match[1] is not None
    return 0


def _last_fences(text: str, lines: Sequence[Span]) -> dict[str, int]:
    """The last line that can end a block of code, by its character."""
    found = ((index, _FENCE.fullmatch(text, *line)) for index, line in enumerate(lines))
    return {match[1] or match[2]: index for index, match in found if match and not match[3].strip()}


def _code_end(text: str, lines: Sequence[Span], index: int, last: dict[str, int]) -> int:
    """The line after a block of code that begins at `index`; 0 if none does."""
    fence = _FENCE.fullmatch(text, *lines[index])
    mark = (fence[1] or fence[2]) if fence else ""
    if fence is None or last.get(mark, 0) <= index:
        return 0
    for end in range(index + 1, last[mark] + 1):
        match = _FENCE.fullmatch(text, *lines[end])
        if match and (match[1] or match[2]) == mark and not match[3].strip():
            return end + 1
    return 0


def _table_end(text: str, lines: Sequence[Span], index: int) -> int:
    """The line after a Markdown table that begins at `index`; 0 if none does."""
    following = lines[index + 1] if index + 1 < len(lines) else None
    headed = following is not None and _UNDERLINE.fullmatch(text, *following)
    if not _ROW.fullmatch(text, *lines[index]) and not (headed and "|" in text[slice(*lines[index])]):
        return 0
    while index < len(lines) and "|" in text[slice(*lines[index])]:
        index += 1
    return index


def _elements(text: str) -> Iterator[Span]:
    """Comments, scripts, styles and preformatted text, with what is in them."""
    position, missing = 0, set[str]()
    for match in _NO_PROSE.finditer(text) if "<" in text else ():
        name = match.group().lower().strip("<>").split()[0]
        if match.start() < position or name in missing:
            continue
        closing = _ENDS[name].search(text, match.end())
        if closing is None:
            missing.add(name)
        else:
            position = closing.end()
            yield match.start(), position
