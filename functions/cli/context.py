"""What every command shares: settings, output and exit codes."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from functions.shared.runtime.settings import Settings

USAGE, INPUT_FAILED, MODEL_MISSING, INTERRUPTED = 2, 3, 4, 130
AudioFile = click.Path(exists=True, dir_okay=False, path_type=Path)


class Context(msgspec.Struct, frozen=True):
    """What every command shares."""

    settings: Settings
    json: bool

    def answer(self, value: object) -> None:
        """One line of JSON on standard output."""
        click.echo(msgspec.json.encode(value))
