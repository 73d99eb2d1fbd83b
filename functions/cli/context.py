"""What every command shares: settings, output format and exit codes."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from functions.shared.runtime.settings import Settings

USAGE, INPUT_FAILED, MODEL_MISSING, INTERRUPTED = 2, 3, 4, 130
AudioFile = click.Path(exists=True, dir_okay=False, path_type=Path)


class Context(msgspec.Struct, frozen=True):
    """The global options, as every command receives them."""

    settings: Settings
    json: bool

    def print_json(self, value: object) -> None:
        """Print one line of JSON to standard output."""
        click.echo(msgspec.json.encode(value))
