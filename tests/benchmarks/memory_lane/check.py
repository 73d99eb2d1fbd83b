"""Loads the search corpus and checks its rules: `python -m tests.benchmarks.memory_lane.check`."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import snowballstemmer

FOLDER = Path(__file__).parent
ENTRIES = 500
QUERIES = 200
ENTRY_WORDS = (25, 150)
TYPICAL_WORDS = 90
"""Maximum length of most entries."""
LONG_SHARE = 0.12
"""Maximum share of longer entries."""
QUERY_WORDS = (4, 14)

STOP_WORDS = frozenset(
    """
    a an the this that these those
    i me my mine myself we us our ours ourselves you your yours yourself yourselves
    he him his himself she her hers herself it its itself they them their theirs themselves
    am is are was were be been being have has had having do does did doing
    will would shall should can could may might must
    and or but nor if because as until while although though than
    of at by for with about against between into through during before after above below to from
    up down in out on off over under
    again further then once here there when where why how what which who whom whose
    all any both each few more most other some such no not only own same so too very just now also
    ain't aren't can't cannot couldn't didn't doesn't don't hadn't hasn't haven't isn't mightn't mustn't
    needn't shan't shouldn't wasn't weren't won't wouldn't let's
    """.split()  # noqa: SIM905 - one line per word class
)
"""Articles, pronouns, auxiliaries, prepositions, conjunctions, question words and quantifiers."""

NUMBERS = {
    **dict(
        zip(
            ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
            range(1, 11),
            strict=True,
        )
    ),
    **dict(zip(["eleven", "twelve", "thirteen", "fourteen", "fifteen"], range(11, 16), strict=True)),
    **dict(zip(["sixteen", "seventeen", "eighteen", "nineteen"], range(16, 20), strict=True)),
    **dict(zip(["twenty", "thirty", "forty", "fifty", "sixty"], range(20, 70, 10), strict=True)),
    **dict(zip(["seventy", "eighty", "ninety", "hundred"], range(70, 110, 10), strict=True)),
    **dict(zip(["first", "second", "third", "fourth", "fifth", "sixth"], range(1, 7), strict=True)),
    **dict(zip(["seventh", "eighth", "ninth", "tenth"], range(7, 11), strict=True)),
}
"""Numbers as words and ordinals are equal to numbers in digits."""

_STEMMER = snowballstemmer.stemmer("english")


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One journal entry."""

    id: str
    text: str


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the author searches for months later, and the one matching entry."""

    query: str
    target: str


def load_entries(path: Path = FOLDER / "entries.jsonl") -> list[Entry]:
    """The entries, in the order of the file."""
    return [msgspec.json.decode(line, type=Entry) for line in _lines(path)]


def load_queries(path: Path = FOLDER / "queries.jsonl") -> list[Query]:
    """The queries, in the order of the file."""
    return [msgspec.json.decode(line, type=Query) for line in _lines(path)]


def content_stems(text: str) -> frozenset[str]:
    """The stems of a text's content words, with numbers as digits."""
    return frozenset(_stem(word) for word in _content_words(text))


def violations(entries: list[Entry], queries: list[Query]) -> list[str]:
    """All violations of the corpus' rules, one per line; empty if there are none."""
    return [*_entry_violations(entries), *_query_violations(entries, queries)]


def _entry_violations(entries: list[Entry]) -> Iterator[str]:
    if len(entries) != ENTRIES:
        yield f"{len(entries)} entries, not {ENTRIES}"
    for name in _repeated(entry.id for entry in entries):
        yield f"{name}: an id used twice"
    for text in _repeated(entry.text for entry in entries):
        yield f"a text used twice: {text}"
    for entry in entries:
        if not re.fullmatch(r"e\d{3}", entry.id):
            yield f"{entry.id}: not an id of the form e123"
        if not ENTRY_WORDS[0] <= _words(entry.text) <= ENTRY_WORDS[1]:
            yield f"{entry.id}: {_words(entry.text)} words"
    long = sum(_words(entry.text) > TYPICAL_WORDS for entry in entries)
    if long > LONG_SHARE * len(entries):
        yield f"{long} entries are longer than {TYPICAL_WORDS} words"


def _query_violations(entries: list[Entry], queries: list[Query]) -> Iterator[str]:
    texts = {entry.id: entry.text for entry in entries}
    if len(queries) != QUERIES:
        yield f"{len(queries)} queries, not {QUERIES}"
    for name in _repeated(query.target for query in queries):
        yield f"{name}: the target of two queries"
    for text in _repeated(query.query for query in queries):
        yield f"a query used twice: {text}"
    for query in queries:
        if not QUERY_WORDS[0] <= _words(query.query) <= QUERY_WORDS[1]:
            yield f"{query.target}: a query of {_words(query.query)} words: {query.query}"
        if not content_stems(query.query):
            yield f"{query.target}: a query without a content word: {query.query}"
        if query.target not in texts:
            yield f"{query.target}: the target of a query, but no entry"
        elif shared := content_stems(query.query) & content_stems(texts[query.target]):
            yield f"{query.target}: shares {', '.join(sorted(shared))} with its query: {query.query}"


def _content_words(text: str) -> Iterator[str]:
    for word in re.findall(r"[^\W_]+(?:'[^\W_]+)*", text.lower().replace("\u2019", "'")):
        bare = word.split("'")[0]
        if word not in STOP_WORDS and bare not in STOP_WORDS:
            yield bare


def _stem(word: str) -> str:
    if number := re.fullmatch(r"(\d+)(?:st|nd|rd|th)?", word):
        return number[1]
    if word in NUMBERS:
        return str(NUMBERS[word])
    return str(_STEMMER.stemWord(word))


def _words(text: str) -> int:
    return len(text.split())


def _repeated(values: Iterable[str]) -> list[str]:
    return [value for value, times in Counter(values).items() if times > 1]


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def main() -> int:
    """Print all violations; returns 1 if there are any."""
    entries, queries = load_entries(), load_queries()
    problems = violations(entries, queries)
    print(
        "\n".join([*problems, f"{len(entries)} entries, {len(queries)} queries, {len(problems)} violations"])
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
