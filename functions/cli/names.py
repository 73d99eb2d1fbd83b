"""`samo names`: the personal dictionary."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import click

from functions.cli.context import Context
from functions.shared.domain.records import NameDictionary

_USER = click.option("--user", "uid", help="ID of the journal's owner. Required if SAMO_BACKEND=gcp.")
_NAMES = click.argument("names", nargs=-1, required=True)


@click.group("names")
def names() -> None:
    """The names of your life, which transcription expects and spells right."""


@names.command("list")
@_USER
@click.pass_obj
def list_names(context: Context, uid: str | None) -> None:
    """Print the names, and those suggested from corrected transcripts."""
    _change(context, uid, None)


@names.command("add")
@_NAMES
@_USER
@click.pass_obj
def add(context: Context, names: tuple[str, ...], uid: str | None) -> None:
    """Add NAMES. They apply to recordings transcribed from then on."""
    from functions.shared.domain.names import add

    _change(context, uid, partial(add, names=names))


@names.command("remove")
@_NAMES
@_USER
@click.pass_obj
def remove(context: Context, names: tuple[str, ...], uid: str | None) -> None:
    """Remove NAMES; case does not matter."""
    from functions.shared.domain.names import remove

    _change(context, uid, partial(remove, names=names))


def _change(
    context: Context, uid: str | None, change: Callable[[NameDictionary], NameDictionary] | None
) -> None:
    """Change the dictionary, if there is a change, and print it."""
    from functions.journal.names import PersonalNames
    from functions.shared.access.identity import LOCAL_USER
    from functions.shared.backends.connect import connect

    if uid is None and context.settings.backend != "local":
        raise click.UsageError("Name the journal's owner with --user.")
    personal_names = PersonalNames(connect(context.settings).records)
    owner = uid or LOCAL_USER
    dictionary = personal_names.change(owner, change) if change else personal_names.get(owner)
    if context.json:
        suggestions = [{"name": item.name, "heard": item.heard} for item in dictionary.suggestions]
        context.print_json({"names": dictionary.names, "suggestions": suggestions})
        return
    for name in dictionary.names:
        click.echo(name)
    for item in dictionary.suggestions:
        click.echo(f"suggested: {item.name} (you corrected “{item.heard}”)")
