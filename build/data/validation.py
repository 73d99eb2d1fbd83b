"""Which rows of a table cannot be trained on, and why: a report of counts and row numbers, never of texts."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from build.data.examples import Examples
from build.data.labelled import Row, Table
from functions.shared.domain.content import EmptyReason
from functions.shared.text.language import why_not_understood


class Reason(StrEnum):
    """Why a row is dropped; of several, the first that applies."""

    EMPTY = "no words"
    SHORT = "too short"
    LONG = "too long"
    FOREIGN = "not English"
    UNLABELLED = "no label"
    UNKNOWN = "unknown label"
    HELD_OUT = "also in the held-out split"
    CONFLICT = "same text, other labels"
    DUPLICATE = "duplicate"


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a row must be to stay."""

    min_words: int = 1
    max_words: int = 1000
    english: bool = True
    """Drop what CLD2 takes for another language; every doubt is decided for English."""
    labelled: bool = True
    """Drop rows without any label."""
    agreeing: bool = True
    """Drop every row of a text that appears with different labels: nothing says which is right."""


class Report(msgspec.Struct, frozen=True):
    """How many rows came in, and which went for which reason."""

    source: str
    rows: int
    dropped: dict[Reason, list[int]]

    @property
    def kept(self) -> int:
        """The rows that stay."""
        return self.rows - sum(map(len, self.dropped.values()))

    def text(self, shown: int = 8) -> str:
        """The report to read, with the first ``shown`` row numbers of each reason."""
        lines = [f"{self.source}: {self.rows:,} rows, {self.kept:,} kept, {self.rows - self.kept:,} dropped"]
        for reason in Reason:
            if numbers := self.dropped.get(reason):
                first = ", ".join(map(str, numbers[:shown])) + (", …" if len(numbers) > shown else "")
                lines.append(f"  {reason:<28}{len(numbers):>8,}   rows {first}")
        return "\n".join(lines)


class Validated(NamedTuple):
    """The table that stays, and what was dropped from it."""

    table: Table
    report: Report


def validate(
    table: Table,
    labels: Collection[str] | None = None,
    held_out: Iterable[Row] = (),
    rules: Rules = Rules(),  # noqa: B008
) -> Validated:
    """Drop what breaks the rules, what ``held_out`` (another split) also says, and what is said twice.

    ``labels`` are those a row may bear; None takes any.
    """
    elsewhere = {key(row.text) for row in held_out}
    reasons = {row.number: _why_not(row, labels, elsewhere, rules) for row in table.rows}
    left = [row for row in table.rows if reasons[row.number] is None]
    reasons.update(_repeated(left, rules))
    dropped: dict[Reason, list[int]] = defaultdict(list)
    for number, reason in reasons.items():
        if reason is not None:
            dropped[reason].append(number)
    kept = [row for row in table.rows if reasons[row.number] is None]
    return Validated(Table(table.source, kept), Report(table.source.name, len(table.rows), dict(dropped)))


def key(text: str) -> str:
    """What two texts share if they differ in case, spacing, marks or the form of a character alone.

    Emoji count, as they can be all that is felt. A text of marks alone stays itself.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = "".join(letter if _says(letter) else " " for letter in folded.replace("'", "").replace("’", ""))
    return " ".join(words.split()) or " ".join(folded.split())


def as_table(examples: Examples, source: str) -> Table:
    """Examples that some loader gave, as a table whose rows are numbered from 1."""
    names = np.asarray(examples.labels, dtype=object)
    rows = [
        Row(number, text, tuple(names[target > 0]))
        for number, (text, target) in enumerate(zip(examples.texts, examples.targets, strict=True), start=1)
    ]
    return Table(Path(source), rows)


def _says(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category[0] in "LMN" or category == "So"


def _why_not(
    row: Row, labels: Collection[str] | None, elsewhere: Collection[str], rules: Rules
) -> Reason | None:
    words = len(row.text.split())
    checks = (
        (Reason.EMPTY, not any(map(_says, row.text))),
        (Reason.SHORT, words < rules.min_words),
        (Reason.LONG, words > rules.max_words),
        (Reason.UNLABELLED, rules.labelled and not row.labels),
        (Reason.UNKNOWN, labels is not None and not set(row.labels) <= set(labels)),
        (Reason.HELD_OUT, key(row.text) in elsewhere),
    )
    found = next((reason for reason, applies in checks if applies), None)
    foreign = found is None and rules.english and _foreign(row.text)
    return Reason.FOREIGN if foreign else found


def _foreign(text: str) -> bool:
    return why_not_understood(text) is EmptyReason.UNSUPPORTED_LANGUAGE


def _repeated(rows: Sequence[Row], rules: Rules) -> dict[int, Reason]:
    """Rows that say what another says: all of them where their labels differ, else all but the first."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row.text)].append(row)
    found: dict[int, Reason] = {}
    for group in groups.values():
        if rules.agreeing and len({frozenset(row.labels) for row in group}) > 1:
            found.update({row.number: Reason.CONFLICT for row in group})
        else:
            found.update(_again(group))
    return found


def _again(group: Sequence[Row]) -> dict[int, Reason]:
    """Every row but the first of those with the same labels."""
    first: dict[frozenset[str], int] = {}
    for row in group:
        first.setdefault(frozenset(row.labels), row.number)
    return {row.number: Reason.DUPLICATE for row in group if row.number not in first.values()}
