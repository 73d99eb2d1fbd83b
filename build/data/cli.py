"""The command line: check labelled text, split it, make synthetic entries.

A SOURCE of labelled text is a file (.jsonl, .csv, .tsv, also .gz), a database's address with --query, or
GoEmotions' train.tsv or dev.tsv beside its labels.txt.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from build.data import goemotions, labelled, synthetic, validation
from build.data.labelled import Columns, Row, Table
from build.errors import BuildError, DataError
from build.files import write_bytes, write_json


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0, or 1 after an error the build foresees."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (BuildError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def check(options: argparse.Namespace) -> None:
    """Print what validation drops from a source, and from the held-out one beside it."""
    reports = [_checked(options, options.source, _held_out(options)).report]
    if options.held_out:
        reports.append(_checked(options, options.held_out, []).report)
    _show(reports, options.report)


def split(options: argparse.Namespace) -> None:
    """Write what validation keeps as stratified ``train.jsonl`` and ``dev.jsonl``, or as folds."""
    from build.data import splits  # loads scikit-learn

    table, report = _checked(options, options.source, [])
    examples = labelled.examples(table)
    if options.folds:
        folds = splits.folds(examples.targets, options.folds, options.seed)
        parts = {f"fold-{fold + 1}": folds == fold for fold in range(options.folds)}
    else:
        dev = splits.held_out(examples.targets, options.dev, options.seed)
        parts = {"train": ~dev, "dev": dev}
    for name, mask in parts.items():
        rows = [row for row, chosen in zip(table.rows, mask, strict=True) if chosen]
        _write_rows(options.out / f"{name}.jsonl", rows)
        print(f"{name}: {len(rows):,} rows")
    _show([report], options.report)


def make_synthetic(options: argparse.Namespace) -> None:
    """Write synthetic entries as JSON lines and, if asked to, as a folder of texts."""
    entries = synthetic.generate(options.entries, options.seed)
    synthetic.write_lines(options.out, entries)
    if options.texts:
        synthetic.write_texts(options.texts, entries)
    first, last = entries[0].recorded_at, entries[-1].recorded_at
    print(f"{len(entries):,} synthetic entries, {first:%Y-%m-%d} to {last:%Y-%m-%d}: {options.out}")


def _checked(options: argparse.Namespace, source: str, held_out: Sequence[Row]) -> validation.Validated:
    rules = validation.Rules(
        min_words=options.min_words,
        max_words=options.max_words,
        english=not options.any_language,
        agreeing=not options.keep_conflicts,
    )
    labels = goemotions.read_labels(options.labels) if options.labels else None
    return validation.validate(_read(options, source), labels, held_out, rules)


def _held_out(options: argparse.Namespace) -> Sequence[Row]:
    return _read(options, options.held_out).rows if options.held_out else []


def _read(options: argparse.Namespace, source: str) -> Table:
    columns = Columns(text=options.text_column, labels=options.labels_column, delimiter=options.delimiter)
    if "://" in source:
        if not options.query:
            raise DataError("a database needs --query")
        return labelled.read_sql(source, options.query, columns)
    path = Path(source)
    if (path.parent / "labels.txt").is_file() and path.name in ("train.tsv", "dev.tsv"):
        split: goemotions.Split = "train" if path.name == "train.tsv" else "dev"
        return validation.as_table(goemotions.load(path.parent, split), path.name)
    return labelled.read(path, columns)


def _write_rows(path: Path, rows: Sequence[Row]) -> None:
    records = [{"text": row.text, "labels": row.labels, "row": row.number} for row in rows]
    write_bytes(path, b"".join(msgspec.json.encode(record) + b"\n" for record in records))


def _show(reports: Sequence[validation.Report], path: Path | None) -> None:
    for report in reports:
        print(report.text())
    if path:
        write_json(path, reports)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m build.data", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    checking = commands.add_parser("check", help="say which rows of a source would be dropped, and why")
    _source_options(checking)
    checking.add_argument("--held-out", metavar="SOURCE", help="another split that must share no text")
    checking.set_defaults(run=check)
    splitting = commands.add_parser("split", help="check a source and write stratified splits of it")
    _source_options(splitting)
    splitting.add_argument("--out", type=Path, required=True, help="the folder to write into")
    splitting.add_argument("--dev", type=float, default=0.1, help="the share held out as dev (0.1)")
    splitting.add_argument("--folds", type=int, help="that many folds instead of train and dev")
    splitting.add_argument("--seed", type=int, default=17)
    splitting.set_defaults(run=split)
    making = commands.add_parser("synthetic", help="make a synthetic journal, marked as such")
    making.add_argument("--entries", type=int, required=True)
    making.add_argument("--seed", type=int, default=17)
    making.add_argument("--out", type=Path, required=True, help="the file of JSON lines to write")
    making.add_argument("--texts", type=Path, help="also write a text file an entry, for samo backfill")
    making.set_defaults(run=make_synthetic)
    return parser


def _source_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("--query", help="the SQL query, where SOURCE is a database's address")
    parser.add_argument("--text-column", default="text")
    parser.add_argument("--labels-column", default="labels")
    parser.add_argument("--delimiter", default=",", help="between labels in one text (,)")
    parser.add_argument("--labels", type=Path, help="a file of the labels there may be, one a line")
    parser.add_argument("--min-words", type=int, default=1)
    parser.add_argument("--max-words", type=int, default=1000)
    parser.add_argument("--any-language", action="store_true", help="keep what is not English")
    parser.add_argument(
        "--keep-conflicts", action="store_true", help="keep a text that has several labellings"
    )
    parser.add_argument("--report", type=Path, help="also write the report, as JSON")
