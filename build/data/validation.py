"""Validation of training data: what is dropped and why. Reports have counts and row numbers, never texts."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from build.data.dataset import Dataset
from build.data.labelled import Row, Table
from functions.shared.domain.content import EmptyReason
from functions.shared.text.language import why_not_understood


class Reason(StrEnum):
    """Why a row is dropped; if several apply, the first one."""

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
    """What a valid row must be."""

    min_words: int = 1
    max_words: int = 1000
    english: bool = True
    """Drop texts that CLD2 classifies as another language; uncertain cases count as English."""
    labelled: bool = True
    """Drop rows without labels."""
    agreeing: bool = True
    """Drop all rows of a text that appears with different labels: it is unknown which are right."""


class Report(msgspec.Struct, frozen=True):
    """The number of rows, and the dropped rows by reason."""

    source: str
    rows: int
    dropped: dict[Reason, list[int]]

    @property
    def kept(self) -> int:
        """The number of rows kept."""
        return self.rows - sum(map(len, self.dropped.values()))

    def text(self, shown: int = 8) -> str:
        """The report as text, with the first ``shown`` row numbers of each reason."""
        lines = [f"{self.source}: {self.rows:,} rows, {self.kept:,} kept, {self.rows - self.kept:,} dropped"]
        for reason in Reason:
            if numbers := self.dropped.get(reason):
                first = ", ".join(map(str, numbers[:shown])) + (", …" if len(numbers) > shown else "")
                lines.append(f"  {reason:<28}{len(numbers):>8,}   rows {first}")
        return "\n".join(lines)


class Validated(NamedTuple):
    """The remaining rows and the report of the dropped ones."""

    table: Table
    report: Report


def validate(
    table: Table,
    labels: Collection[str] | None = None,
    held_out: Iterable[Row] = (),
    rules: Rules = Rules(),  # noqa: B008
) -> Validated:
    """Drop rows that break the rules, also appear in ``held_out`` (another split), or are duplicates.

    ``labels`` are the allowed labels; None allows any.
    """
    held_out_keys = {normalized_key(row.text) for row in held_out}
    reasons = {row.number: _drop_reason(row, labels, held_out_keys, rules) for row in table.rows}
    remaining = [row for row in table.rows if reasons[row.number] is None]
    reasons.update(_duplicates_and_conflicts(remaining, rules))
    dropped: dict[Reason, list[int]] = defaultdict(list)
    for number, reason in reasons.items():
        if reason is not None:
            dropped[reason].append(number)
    kept = [row for row in table.rows if reasons[row.number] is None]
    return Validated(Table(table.source, kept), Report(table.source.name, len(table.rows), dict(dropped)))


def normalized_key(text: str) -> str:
    """Normal form of a text: equal for texts that differ only in case, spacing, punctuation or encoding.

    Emoji are kept, because they can carry the emotion. A text of punctuation only is its own key.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = "".join(
        letter if _is_content(letter) else " " for letter in folded.replace("'", "").replace("’", "")
    )
    return " ".join(words.split()) or " ".join(folded.split())


def to_table(dataset: Dataset, source: str) -> Table:
    """A dataset as a table whose rows are numbered from 1."""
    names = np.asarray(dataset.labels, dtype=object)
    rows = [
        Row(number, text, tuple(names[target > 0]))
        for number, (text, target) in enumerate(zip(dataset.texts, dataset.targets, strict=True), start=1)
    ]
    return Table(Path(source), rows)


def _is_content(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category[0] in "LMN" or category == "So"


def _drop_reason(
    row: Row, labels: Collection[str] | None, held_out_keys: Collection[str], rules: Rules
) -> Reason | None:
    words = len(row.text.split())
    checks = (
        (Reason.EMPTY, not any(map(_is_content, row.text))),
        (Reason.SHORT, words < rules.min_words),
        (Reason.LONG, words > rules.max_words),
        (Reason.UNLABELLED, rules.labelled and not row.labels),
        (Reason.UNKNOWN, labels is not None and not set(row.labels) <= set(labels)),
        (Reason.HELD_OUT, normalized_key(row.text) in held_out_keys),
    )
    reason = next((reason for reason, applies in checks if applies), None)
    is_foreign = reason is None and rules.english and _is_foreign(row.text)
    return Reason.FOREIGN if is_foreign else reason


def _is_foreign(text: str) -> bool:
    return why_not_understood(text) is EmptyReason.UNSUPPORTED_LANGUAGE


def _duplicates_and_conflicts(rows: Sequence[Row], rules: Rules) -> dict[int, Reason]:
    """Rows with the same text: all of them if their labels differ, else all but the first."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[normalized_key(row.text)].append(row)
    reasons: dict[int, Reason] = {}
    for group in groups.values():
        if rules.agreeing and len({frozenset(row.labels) for row in group}) > 1:
            reasons.update({row.number: Reason.CONFLICT for row in group})
        else:
            reasons.update(_duplicates(group))
    return reasons


def _duplicates(group: Sequence[Row]) -> dict[int, Reason]:
    """All but the first of the rows with the same labels."""
    first: dict[frozenset[str], int] = {}
    for row in group:
        first.setdefault(frozenset(row.labels), row.number)
    return {row.number: Reason.DUPLICATE for row in group if row.number not in first.values()}
