"""Command line: check labelled text, split it, generate synthetic entries.

A SOURCE of labelled text is a file (.jsonl, .csv, .tsv, each also as .gz), a database URL with --query, or
the train.tsv or dev.tsv of GoEmotions next to its labels.txt.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec

from build import command_line
from build.data import goemotions, labelled, synthetic, validation
from build.data.labelled import Columns, Row, Table
from build.errors import DataError
from build.files import write_bytes, write_json


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0, or 1 after an expected error."""
    options = _parser().parse_args(arguments)
    return command_line.exit_status(partial(options.run, options))


def check(options: argparse.Namespace) -> None:
    """Print which rows of a source validation would drop, and the same for the held-out source."""
    reports = [_validate(options, options.source, _held_out(options)).report]
    if options.held_out:
        reports.append(_validate(options, options.held_out, []).report)
    _print_reports(reports, options.report)


def split(options: argparse.Namespace) -> None:
    """Write the rows that pass validation as stratified ``train.jsonl`` and ``dev.jsonl``, or as folds."""
    from build.data import splits  # imports scikit-learn

    table, report = _validate(options, options.source, [])
    dataset = labelled.to_dataset(table)
    if options.folds:
        folds = splits.folds(dataset.targets, options.folds, options.seed)
        parts = {f"fold-{fold + 1}": folds == fold for fold in range(options.folds)}
    else:
        dev = splits.held_out(dataset.targets, options.dev, options.seed)
        parts = {"train": ~dev, "dev": dev}
    for name, mask in parts.items():
        rows = [row for row, selected in zip(table.rows, mask, strict=True) if selected]
        _write_rows(options.out / f"{name}.jsonl", rows)
        print(f"{name}: {len(rows):,} rows")
    _print_reports([report], options.report)


def generate_synthetic(options: argparse.Namespace) -> None:
    """Write synthetic entries as JSON lines and, on request, as a folder of text files."""
    entries = synthetic.generate(options.entries, options.seed)
    synthetic.write_lines(options.out, entries)
    if options.texts:
        synthetic.write_texts(options.texts, entries)
    first, last = entries[0].recorded_at, entries[-1].recorded_at
    print(f"{len(entries):,} synthetic entries, {first:%Y-%m-%d} to {last:%Y-%m-%d}: {options.out}")


def _validate(options: argparse.Namespace, source: str, held_out: Sequence[Row]) -> validation.Validated:
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
        return validation.to_table(goemotions.load(path.parent, split), path.name)
    return labelled.read(path, columns)


def _write_rows(path: Path, rows: Sequence[Row]) -> None:
    records = [{"text": row.text, "labels": row.labels, "row": row.number} for row in rows]
    write_bytes(path, b"".join(msgspec.json.encode(record) + b"\n" for record in records))


def _print_reports(reports: Sequence[validation.Report], path: Path | None) -> None:
    for report in reports:
        print(report.text())
    if path:
        write_json(path, reports)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m build.data", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check_parser = commands.add_parser("check", help="show which rows of a source would be dropped, and why")
    _source_options(check_parser)
    check_parser.add_argument(
        "--held-out", metavar="SOURCE", help="another split, which must not share any text"
    )
    check_parser.set_defaults(run=check)
    split_parser = commands.add_parser("split", help="validate a source and write stratified splits")
    _source_options(split_parser)
    split_parser.add_argument("--out", type=Path, required=True, help="output folder")
    split_parser.add_argument(
        "--dev", type=float, default=0.1, help="fraction held out as dev (default: 0.1)"
    )
    split_parser.add_argument("--folds", type=int, help="write this many folds instead of train and dev")
    split_parser.add_argument("--seed", type=int, default=17)
    split_parser.set_defaults(run=split)
    synthetic_parser = commands.add_parser(
        "synthetic", help="generate a synthetic journal; every record is marked as synthetic"
    )
    synthetic_parser.add_argument("--entries", type=int, required=True)
    synthetic_parser.add_argument("--seed", type=int, default=17)
    synthetic_parser.add_argument("--out", type=Path, required=True, help="output file (JSON lines)")
    synthetic_parser.add_argument(
        "--texts", type=Path, help="also write one text file per entry, for samo backfill"
    )
    synthetic_parser.set_defaults(run=generate_synthetic)
    return parser


def _source_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("--query", help="SQL query, if SOURCE is a database URL")
    parser.add_argument("--text-column", default="text")
    parser.add_argument("--labels-column", default="labels")
    parser.add_argument(
        "--delimiter", default=",", help="separator of labels within one field (default: a comma)"
    )
    parser.add_argument("--labels", type=Path, help="file of the allowed labels, one per line")
    parser.add_argument("--min-words", type=int, default=1)
    parser.add_argument("--max-words", type=int, default=1000)
    parser.add_argument("--any-language", action="store_true", help="keep texts that are not English")
    parser.add_argument(
        "--keep-conflicts", action="store_true", help="keep texts that appear with different labels"
    )
    parser.add_argument("--report", type=Path, help="also write the report as JSON")
