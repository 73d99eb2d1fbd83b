"""The root command: global options, and how errors become exit codes."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from functions.cli.capabilities import predict, summarize, transcribe
from functions.cli.context import INPUT_FAILED, INTERRUPTED, MODEL_MISSING, USAGE, Context
from functions.cli.corrections import corrections
from functions.cli.dead_letters import dead_letters
from functions.cli.journal import backfill, demo, run
from functions.cli.models import models
from functions.cli.names import names
from functions.shared.errors import ArtifactError, ConfigurationError, SamoError
from functions.shared.observability import logs
from functions.shared.runtime import settings
from functions.shared.runtime.malloc import share_heap


class SamoGroup(click.Group):
    """Reports SAMO's errors as one line on standard error and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SamoError as error:
            click.echo(f"samo: {error.detail} ({error.code})", err=True)
            sys.exit(_exit_code(error))
        except (KeyboardInterrupt, click.Abort):
            click.echo("interrupted", err=True)
            sys.exit(INTERRUPTED)


def _exit_code(error: SamoError) -> int:
    if isinstance(error, ArtifactError):
        return MODEL_MISSING
    return USAGE if isinstance(error, ConfigurationError) else INPUT_FAILED


@click.group(cls=SamoGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--json", "as_json", is_flag=True, help="Print results as JSON.")
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="The folder where the journal is stored."
)
@click.option("--verbose", "-v", is_flag=True, help="Log events. Journal content is never logged.")
@click.version_option(package_name="samo")
@click.pass_context
def main(ctx: click.Context, as_json: bool, data: Path | None, verbose: bool) -> None:
    """SAMO turns a voice note into a transcript, its emotions and a summary."""
    share_heap()
    logs.configure(logging.INFO if verbose else logging.ERROR)
    loaded = settings.load()
    ctx.obj = Context(replace(loaded, data_dir=str(data)) if data else loaded, as_json)


for command in (
    run,
    demo,
    backfill,
    dead_letters,
    corrections,
    names,
    transcribe,
    predict,
    summarize,
    models,
):
    main.add_command(command)
