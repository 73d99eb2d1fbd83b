"""`samo dead-letters`: events that failed every delivery attempt."""

from __future__ import annotations

import sys

import click

from functions.cli.context import INPUT_FAILED, Context


@click.group("dead-letters")
def dead_letters() -> None:
    """List or replay events that failed every delivery attempt."""


@dead_letters.command("list")
@click.pass_obj
def list_dead_letters(context: Context) -> None:
    """List up to 100 dead letters. They stay in the queue."""
    from functions.cli.terminal import show_dead_letters
    from functions.laptop import dead_letters

    letters = dead_letters.list_dead_letters(context.settings)
    context.print_json(letters) if context.json else show_dead_letters(letters)


@dead_letters.command("replay")
@click.argument("ids", nargs=-1)
@click.option("--all", "replay_all", is_flag=True, help="Replay every dead letter (the first 100).")
@click.pass_obj
def replay_dead_letters(context: Context, ids: tuple[str, ...], replay_all: bool) -> None:
    """Replay dead letters, by ID or all of them.

    Their stages start again from the first attempt."""
    from functions.cli.terminal import show_dead_letters
    from functions.laptop.dead_letters import replay

    if bool(ids) == replay_all:
        raise click.UsageError("Pass the IDS to replay, or --all.")
    replayed = replay(context.settings, frozenset(ids))
    context.print_json(replayed) if context.json else show_dead_letters(replayed)
    if unknown := set(ids) - {letter.id for letter in replayed}:
        click.echo(f"samo: no dead letter with ID {', '.join(sorted(unknown))}", err=True)
        sys.exit(INPUT_FAILED)
