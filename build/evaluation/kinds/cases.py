"""The test sets in ``sets/``: their format and loader.

``negated``, ``ended``, ``sarcasm`` and ``emoji`` have feelings that a literal reading gets wrong; ``runons``
are dictated without punctuation; ``sentences`` are hard to split.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from build.data import line_files
from build.errors import DataError

SETS = Path(__file__).parent / "sets"
FEELING_SETS = ("negated", "ended", "sarcasm", "emoji")


class FeelingCase(msgspec.Struct, frozen=True, kw_only=True):
    """One feeling, told in one of an entry's sentences.

    Attributes:
        sentences: as a person would split the text.
        target: the index of the sentence that the labels are about.
        emotions: labels that a sensible reader accepts.
        wrong: labels that a literal reading gives (``not`` in the file).
        valence: mood of the whole entry, from -2 to 2.
    """

    id: str
    text: str
    sentences: tuple[str, ...]
    target: int
    emotions: frozenset[str]
    wrong: frozenset[str] = msgspec.field(name="not")
    valence: int

    def __post_init__(self) -> None:
        if not 0 <= self.target < len(self.sentences) or not -2 <= self.valence <= 2:
            raise ValueError("target or valence out of range")
        _check_parts(self.text, self.sentences)


class RunOnCase(msgspec.Struct, frozen=True, kw_only=True):
    """A dictated entry without punctuation in which the feeling turns.

    Attributes:
        cuts: where each sentence but the first begins: offset and word.
        turns: the offsets of the cuts at which the feeling turns.
        first, second: labels accepted before and after the turn.
    """

    id: str
    text: str
    cuts: tuple[tuple[int, str], ...]
    turns: tuple[int, ...]
    first: frozenset[str]
    second: frozenset[str]
    valence: int

    def __post_init__(self) -> None:
        if any(not self.text.startswith(word, offset) for offset, word in self.cuts):
            raise ValueError("a cut is not at its word")
        if not self.turns or not set(self.turns) <= self.offsets:
            raise ValueError("a turn is not at a cut")

    @property
    def offsets(self) -> frozenset[int]:
        return frozenset(offset for offset, _ in self.cuts)


class SentenceCase(msgspec.Struct, frozen=True, kw_only=True):
    """A text and its sentences; text that is no sentence is left out."""

    id: str
    text: str
    sentences: tuple[str, ...]

    def __post_init__(self) -> None:
        _check_parts(self.text, self.sentences)


Case = TypeVar("Case", FeelingCase, RunOnCase, SentenceCase)


def load(name: str, kind: type[Case], folder: Path = SETS) -> list[Case]:
    """The cases of one set, in order.

    Raises:
        RowError: a malformed row.
        DataError: the file is missing or empty, or an ID occurs twice.
    """
    cases = [case for _, case in line_files.read_jsonl(folder / f"{name}.jsonl", kind)]
    if len({case.id for case in cases}) < len(cases):
        raise DataError(f"{name}.jsonl: an ID occurs twice")
    return cases


def _check_parts(text: str, parts: tuple[str, ...]) -> None:
    position = 0
    for part in parts:
        position = text.find(part, position) + len(part)
        if position < len(part):
            raise ValueError("the sentences are not parts of the text, in order")
