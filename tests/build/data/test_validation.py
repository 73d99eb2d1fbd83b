"""Validation drops unusable rows and reports them by row number, never by text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from build.data.dataset import Dataset
from build.data.labelled import Row, Table
from build.data.validation import Reason, Report, Rules, normalized_key, to_table, validate

SPANISH = "No me gusta nada esta situación, estoy muy cansado de todo y quiero irme a casa"
TEXTS = st.sampled_from(
    ["So glad", "so GLAD!", "Never again", "never  again", "", "?!", "One", "🎉", "a b c d"]
)
LABELS = st.sampled_from([(), ("joy",), ("joy", "fear"), ("fear", "joy"), ("rage",)])


def table(*rows: tuple[str, Sequence[str]]) -> Table:
    return Table(
        Path("notes.csv"), [Row(n, text, tuple(names)) for n, (text, names) in enumerate(rows, start=2)]
    )


@pytest.mark.parametrize(
    ("text", "labels", "reason"),
    [
        ("", ["joy"], Reason.EMPTY),
        (" … !", ["joy"], Reason.EMPTY),
        ("One two", ["joy"], Reason.SHORT),
        ("one two three four five six", ["joy"], Reason.LONG),
        ("one two three", [], Reason.UNLABELLED),
        ("one two three", ["joy", "rage"], Reason.UNKNOWN),
        ("Said before, elsewhere.", ["joy"], Reason.HELD_OUT),
        ("No estoy nada bien", ["joy"], None),
    ],
)
def test_row_is_dropped_for_its_reason(text: str, labels: list[str], reason: Reason | None) -> None:
    rules = Rules(min_words=3, max_words=5, english=False)
    held_out = [Row(1, "said before - ELSEWHERE", ("fear",))]
    validated = validate(table(("fine as it is", ["joy"]), (text, labels)), ["joy", "fear"], held_out, rules)
    assert validated.report.dropped == ({reason: [3]} if reason else {})
    assert [row.number for row in validated.table.rows] == ([2] if reason else [2, 3])


def test_other_languages_are_dropped_unless_allowed() -> None:
    rows = table((SPANISH, ["joy"]), ("lol ok", ["joy"]))
    assert validate(rows).report.dropped == {Reason.FOREIGN: [2]}
    assert validate(rows, rules=Rules(english=False)).report.dropped == {}


def test_first_duplicate_is_kept() -> None:
    rows = table(("So glad!", ["joy", "fear"]), ("so  glad", ["fear", "joy"]), ("So glad…", ["joy", "fear"]))
    validated = validate(rows)
    assert validated.report.dropped == {Reason.DUPLICATE: [3, 4]}
    assert [row.number for row in validated.table.rows] == [2]


def test_conflicting_rows_are_dropped_unless_allowed() -> None:
    rows = table(("So glad!", ["joy"]), ("so glad", ["fear"]), ("so glad", ["joy"]))
    assert validate(rows).report.dropped == {Reason.CONFLICT: [2, 3, 4]}
    assert validate(rows, rules=Rules(agreeing=False)).report.dropped == {Reason.DUPLICATE: [4]}


def test_report_has_row_numbers_and_reasons_but_no_text() -> None:
    rows = table(("secret", ["joy"]), ("secret", ["joy"]), ("", ["joy"]), *[("", ["joy"])] * 12)
    text = validate(rows).report.text(shown=3)
    assert text.splitlines()[0] == "notes.csv: 15 rows, 1 kept, 14 dropped"
    assert "no words" in text
    assert "rows 4, 5, 6, …" in text
    assert "duplicate" in text
    assert text.endswith("rows 3")
    assert "secret" not in text


def test_report_without_dropped_rows_is_one_line() -> None:
    assert Report("notes.csv", 1234, {}).text() == "notes.csv: 1,234 rows, 1,234 kept, 0 dropped"


@given(st.lists(st.tuples(TEXTS, LABELS)), st.lists(TEXTS), st.booleans())
def test_every_row_is_either_kept_or_dropped_once(
    rows: list[tuple[str, tuple[str, ...]]], elsewhere: list[str], agreeing: bool
) -> None:
    held_out = [Row(n, text, ()) for n, text in enumerate(elsewhere)]
    validated = validate(table(*rows), ["joy", "fear"], held_out, Rules(agreeing=agreeing))
    dropped = [number for numbers in validated.report.dropped.values() for number in numbers]
    kept = [row.number for row in validated.table.rows]
    assert sorted(kept + dropped) == list(range(2, len(rows) + 2))
    assert validated.report.kept == len(kept)


@given(st.lists(st.tuples(TEXTS, LABELS)), st.lists(TEXTS))
def test_kept_rows_are_valid(rows: list[tuple[str, tuple[str, ...]]], held_out_texts: list[str]) -> None:
    held_out = [Row(n, text, ()) for n, text in enumerate(held_out_texts)]
    validated = validate(table(*rows), ["joy", "fear"], held_out)
    keys = [normalized_key(row.text) for row in validated.table.rows]
    assert len(keys) == len(set(keys))
    assert not set(keys) & {normalized_key(text) for text in held_out_texts}
    assert validate(validated.table, ["joy", "fear"], held_out).report.dropped == {}


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("Don’t STOP!", "dont stop"),
        ("well-known  fact", "well known fact…"),
        ("\ufb01ne", "fine"),  # a ligature
        ("Straße", "STRASSE"),
        ("?!", " ?! "),
    ],
)
def test_texts_that_differ_only_in_form_share_a_key(first: str, other: str) -> None:
    assert normalized_key(first) == normalized_key(other)


@pytest.mark.parametrize(
    ("first", "other"), [("fine", "fine 😭"), ("a lot", "alot"), ("?!", "?"), ("né", "ne")]
)
def test_texts_with_different_content_have_different_keys(first: str, other: str) -> None:
    assert normalized_key(first) != normalized_key(other)


@given(st.text())
def test_normalization_is_idempotent(text: str) -> None:
    assert normalized_key(normalized_key(text)) == normalized_key(text)


def test_dataset_can_be_converted_to_a_table() -> None:
    targets = np.asarray([[1, 0], [1, 1]], dtype=np.float32)
    rows = to_table(Dataset(["So glad", "so glad"], targets, ["joy", "fear"]), "train.tsv").rows
    assert rows == [Row(1, "So glad", ("joy",)), Row(2, "so glad", ("joy", "fear"))]
