"""`samo models`: fetch, verify and list model files."""

from __future__ import annotations

import click

from functions.cli.context import Context
from functions.shared.runtime import artifacts


@click.group()
def models() -> None:
    """Fetch, verify or list the model files."""


@models.command("fetch")
@click.argument("names", nargs=-1)
@click.pass_obj
def fetch_models(context: Context, names: tuple[str, ...]) -> None:
    """Download model files.

    NAMES are models in the manifest; by default, every model that a journal needs. The manifest pins versions
    and SHA-256 checksums.
    """
    folder = context.settings.models_path
    manifest = artifacts.load_manifest(folder)
    for name in names or manifest.needed():
        fetched = artifacts.fetch(
            folder, name, manifest.artifact(name), lambda file: click.echo(f"fetching {file} …", err=True)
        )
        click.echo(f"{name}: {'fetched' if fetched else 'already here'}", err=True)


@models.command("verify")
@click.argument("names", nargs=-1)
@click.pass_obj
def verify_models(context: Context, names: tuple[str, ...]) -> None:
    """Check model files against the manifest.

    NAMES are models in the manifest; by default, every model that a journal needs.
    """
    artifacts.verify(context.settings.models_path, *names)
    click.echo("All files match the manifest.", err=True)


@models.command("list")
@click.pass_obj
def list_models(context: Context) -> None:
    """List the models in the manifest and their local state."""
    from functions.cli.terminal import show_artifacts

    folder = context.settings.models_path
    manifest = artifacts.load_manifest(folder)
    if context.json:
        context.print_json(manifest.artifacts)
    else:
        show_artifacts(folder, manifest)
