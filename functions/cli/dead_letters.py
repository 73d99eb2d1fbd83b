"""`samo dead-letters`."""

from __future__ import annotations

import sys

import click

from functions.cli.context import INPUT_FAILED, Context


@click.group("dead-letters")
def dead_letters() -> None:
    """What was given up after every retry: list it, try it again."""


@dead_letters.command("list")
@click.pass_obj
def list_dead_letters(context: Context) -> None:
    """The dead letters, left where they are (the first 100)."""
    from functions.cli.terminal import show_letters
    from functions.laptop.dead_letters import listed

    found = listed(context.settings)
    context.answer(found) if context.json else show_letters(found)


@dead_letters.command("replay")
@click.argument("ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every dead letter there is (the first 100).")
@click.pass_obj
def replay_dead_letters(context: Context, ids: tuple[str, ...], everything: bool) -> None:
    """Try again what the dead letters of these IDS asked for: their stages begin anew."""
    from functions.cli.terminal import show_letters
    from functions.laptop.dead_letters import replay

    if bool(ids) == everything:
        raise click.UsageError("name the IDS to replay, or --all")
    replayed = replay(context.settings, frozenset(ids))
    context.answer(replayed) if context.json else show_letters(replayed)
    if unknown := set(ids) - {letter.id for letter in replayed}:
        click.echo(f"samo: no such dead letter: {', '.join(sorted(unknown))}", err=True)
        sys.exit(INPUT_FAILED)
