"""`samo models`."""

from __future__ import annotations

import click

from functions.cli.context import Context
from functions.shared.runtime import artifacts


@click.group()
def models() -> None:
    """The model files: fetch, verify, list."""


@models.command("fetch")
@click.argument("names", nargs=-1)
@click.pass_obj
def fetch_models(context: Context, names: tuple[str, ...]) -> None:
    """Fetch the files of NAMES (default: all that a journal needs), pinned by version and sha256."""
    folder = context.settings.models_path
    manifest = artifacts.load_manifest(folder)
    for name in names or manifest.needed():
        fetched = artifacts.fetch(
            folder, name, manifest.artifact(name), lambda n: click.echo(f"fetching {n} …", err=True)
        )
        click.echo(f"{name}: {'fetched' if fetched else 'already here'}", err=True)


@models.command("verify")
@click.argument("names", nargs=-1)
@click.pass_obj
def verify_models(context: Context, names: tuple[str, ...]) -> None:
    """Check that the files are the ones the manifest names."""
    artifacts.verify(context.settings.models_path, *names)
    click.echo("every file is the one the manifest names", err=True)


@models.command("list")
@click.pass_obj
def list_models(context: Context) -> None:
    """What the manifest knows, and what of it is here."""
    from functions.cli.terminal import show_artifacts

    folder = context.settings.models_path
    manifest = artifacts.load_manifest(folder)
    if context.json:
        context.answer(manifest.artifacts)
    else:
        show_artifacts(folder, manifest)
