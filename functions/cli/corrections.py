"""`samo corrections`: users' corrections as training data."""

from __future__ import annotations

import os
from pathlib import Path

import click
import msgspec

from functions.cli.context import Context


@click.group("corrections")
def corrections() -> None:
    """Users' corrections as training data."""


@corrections.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def export(context: Context, file: Path) -> None:
    """Write the corrections of users who agreed to their use for training.

    FILE gets one JSON object per corrected entry: its sentences, and what its user said of them, without who
    or when. It is readable by you alone, and must not exist. The texts may name people: keep them as you keep
    the journals, and export again, rather than reuse, so that who withdraws is left out.
    """
    from functions.journal.jobs.training_examples import training_examples
    from functions.shared.backends.connect import connect

    if file.exists():
        raise click.UsageError(f"{file} exists.")
    examples = training_examples(connect(context.settings))
    lines = b"".join(msgspec.json.encode(example) + b"\n" for example in examples)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
        output.write(lines)
    if context.json:
        context.print_json({"entries": len(examples)})
    else:
        click.echo(f"{len(examples)} corrected entries")
