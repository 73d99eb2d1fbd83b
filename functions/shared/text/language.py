"""The language of texts and of their sentences, and whether a text can be analyzed at all.

CLD2 detects the language: it loads in two milliseconds, needs 15 MB and copes with slang. Short or informal
English must never be refused, so when in doubt, a text counts as English
([decision](../../../docs/decisions/0023-other-languages.md)).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence, Set

from msgspec.structs import replace

from functions.shared.domain.content import UNDETERMINED, EmptyReason, Segment
from functions.shared.domain.understood import ENGLISH, Understood
from functions.shared.text.emoji import in_words

SUPPORTED = frozenset({ENGLISH})

_LINK = re.compile(r"(?:https?://|www\.)\S++")
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u064b-\u0670\u0900-\u0dff\u0e31-\u0e4e\u0eb1-\u0ecd\u102b-\u109d\u17b4-\u17d3"
)
"""Vowels and tones that Unicode does not count as letters, with the letters among them."""
_LETTERS = rf"[^\W\d_](?:[^\W\d_]|[{_MARKS}])*+"
_WORD = re.compile(rf"{_LETTERS}(?:['’]{_LETTERS})*+")
_LATIN = re.compile(r"[a-zªºà-öø-ɏḀ-ỿ'’]++", re.IGNORECASE)

_MIN_WORDS = 4
"""Fewer words in Latin script are mostly names and interjections; CLD2 takes "lol ok" for Dutch."""
_MIN_PLAIN_WORDS = 5
"""The same, of sentences without any accented letter."""
_MIN_PERCENT = 25
"""The share of a text that a supported language needs if it is not the main one, as in code-switching."""
_ALIASES = {"sco": "en", "iw": "he", "jw": "jv", "nb": "no", "nn": "no", "in": "id"}
_LIKELY = (
    "af ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km"
    " kn ko lo lt lv mk ml mn mr ms my ne nl no pa pl pt ro ru si sk sl sq sr sv sw ta te th tl tr uk und ur"
    " uz vi zh"
)
"""What a text is in if CLD2 is not sure. Its other guesses are mostly of English that it does not know."""
_KANA = re.compile("[\u3041-\u30ff]")


def why_not_understood(text: str, supported: Set[str] = SUPPORTED) -> EmptyReason | None:
    """Why `text` as a whole can't be analyzed; None if it can.

    Emoji count as words where there are no others.
    """
    words = _words(text) or _words(in_words(text))
    if not words:
        return EmptyReason.NO_WORDS
    shares = _shares(words)
    is_supported = not shares or max(shares, key=shares.__getitem__) in supported
    if is_supported or any(shares.get(language, 0) >= _MIN_PERCENT for language in supported):
        return None
    return EmptyReason.UNSUPPORTED_LANGUAGE


def detect_language(text: str) -> str | None:
    """The code (ISO 639, or "und") of a text's main language; None if the text is too short to tell."""
    shares = _shares(_words(text))
    return max(shares, key=shares.__getitem__) if shares else None


def with_languages(segments: Sequence[Segment], spoken: str | None = None) -> tuple[Segment, ...]:
    """Sentences with their language if it is one that no model reads yet.

    Sentences whose language is not sure are in the main one of those that are.

    Args:
        spoken: the language in which the recording was transcribed. It decides where no sentence is sure.
    """
    words = [_words(segment.text) if segment.left_out is None else [] for segment in segments]
    sure = [_sure_language(of_segment) for of_segment in words]
    sizes = Counter[str]()
    for code, of_segment in zip(sure, words, strict=True):
        if code is not None:
            sizes[code] += _size(of_segment)
    main = sizes.most_common(1)[0][0] if sizes else spoken or _likely_language(words)
    return tuple(
        segment
        if segment.left_out is not None or segment.language is not None
        else replace(segment, language=_of_sentence(code, of_segment, main, sizes.keys()))
        for segment, code, of_segment in zip(segments, sure, words, strict=True)
    )


def why_not_read(segments: Sequence[Segment]) -> EmptyReason | None:
    """Why nothing in an entry is analyzed, by its sentences with their languages; None if some of it is."""
    text = Understood(segments).text
    if _words(text) or _words(in_words(text)):
        return None
    is_foreign = any(segment.language is not None for segment in segments)
    return EmptyReason.UNSUPPORTED_LANGUAGE if is_foreign else EmptyReason.NO_WORDS


def main_language(segments: Sequence[Segment], spoken: str | None = None) -> str | None:
    """The language of most of an entry, by its sentences with theirs; None if they are too short to tell."""
    sizes = Counter[str]()
    for segment in segments:
        if segment.left_out is None:
            sizes[segment.language or ENGLISH] += _size(_words(segment.text))
    main = sizes.most_common(1)[0][0] if sizes else ENGLISH
    if main != ENGLISH or spoken == ENGLISH:
        return main
    return ENGLISH if detect_language(Understood(segments).text) == ENGLISH else None


def _of_sentence(code: str | None, words: Sequence[str], main: str | None, present: Set[str]) -> str | None:
    """The language of one sentence, None for English: its own if sure, or one that others surely have."""
    if code is None and main in {None, ENGLISH} and (guess := _guess(words)) in present:
        code = guess
    code = main if code is None else code
    return None if code == ENGLISH else code


def _likely_language(words: Sequence[Sequence[str]]) -> str | None:
    """The main language of sentences none of which is sure; None if they are too short together."""
    together = [word for of_sentence in words for word in of_sentence]
    guess = _guess(together) if _has_evidence(together) else None
    return guess if guess in _LIKELY.split() else None


def _size(words: Sequence[str]) -> int:
    """How much a sentence says, in letters: not every language has spaces."""
    return sum(map(len, words))


def _guess(words: Sequence[str]) -> str | None:
    shares = _shares(words)
    return max(shares, key=shares.__getitem__) if shares else None


def _sure_language(words: Sequence[str]) -> str | None:
    """The language of a sentence if CLD2 is sure, or its script not Latin. Few words can only be English."""
    if len(words) < 2 and not _is_foreign_script(words):
        return None
    if _is_foreign_script(words):
        return _guess(words)
    import pycld2

    is_reliable, _, guesses = pycld2.detect(" ".join(words))
    code = _standard(guesses[0][1])
    return code if is_reliable and (_has_evidence(words) or code == ENGLISH) and code != "un" else None


def _has_evidence(words: Sequence[str]) -> bool:
    is_plain = all(word.isascii() or word.replace("’", "").isascii() for word in words)
    return len(words) >= (_MIN_PLAIN_WORDS if is_plain else _MIN_WORDS)


def _words(text: str) -> list[str]:
    return _WORD.findall(_LINK.sub(" ", unicodedata.normalize("NFKC", text)))


def _is_foreign_script(words: Sequence[str]) -> bool:
    """Whether most words have letters that are not Latin ones."""
    return sum(not _LATIN.fullmatch(word) for word in words) * 2 > len(words)


def _shares(words: Sequence[str]) -> dict[str, int]:
    """Percentage of the text by language code; empty if there are too few words to tell."""
    foreign_script = _is_foreign_script(words)
    if len(words) < _MIN_WORDS and not foreign_script:
        return {}
    import pycld2

    _, _, guesses = pycld2.detect(" ".join(words), bestEffort=True)
    shares = {_standard(code): percent for _, code, percent, _ in guesses if code != "un"}
    if "ja" in shares and not any(_KANA.search(word) for word in words):
        shares["zh"] = shares.get("zh", 0) + shares.pop("ja")
    return shares or ({UNDETERMINED: 100} if foreign_script else {})


def _standard(code: str) -> str:
    """The ISO 639 code. For a script without a known language, CLD2 returns a code such as "xx-Goth"."""
    return UNDETERMINED if code.startswith("xx") else _ALIASES.get(code, code).split("-")[0]
