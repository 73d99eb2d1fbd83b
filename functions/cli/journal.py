"""`samo run`, `samo demo` and `samo backfill`."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
import webbrowser
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from functions.cli.context import INPUT_FAILED, AudioFile, Context
from functions.shared.runtime import artifacts

DEMO_RECORDING = Path("recordings") / "two_cities.wav"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Default: the first free one from 8080.")
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option("--demo", "with_demo", is_flag=True, help="First put a voice note through, and show it.")
@click.option("--open", "open_browser", is_flag=True, help="Open the page in a browser.")
@click.pass_obj
def run(context: Context, port: int | None, host: str, with_demo: bool, open_browser: bool) -> None:
    """Serve the journal: page, API and workers in one process, until Ctrl-C."""
    from functions.laptop.process import LocalProcess, serve

    artifacts.verify(context.settings.models_path)
    for number in (signal.SIGINT, signal.SIGTERM):  # background shells hand SIGINT down ignored
        signal.signal(number, _interrupt)
    with LocalProcess(context.settings) as samo:
        server = serve(samo.app(), host, port)
        with samo.dictation(host, int(server.effective_port)):
            threading.Thread(target=samo.warm_up).start()
            if with_demo:
                _show_demo(context, samo, context.settings.models_path / DEMO_RECORDING)
            address = f"http://{server.effective_host}:{server.effective_port}/"
            click.echo(f"\nYour journal: {address}    its API: {address}docs")
            kept = context.settings.data_path
            click.echo(f"Kept in {kept}; no accounts yet, so it answers this machine only.")
            click.echo("Ctrl-C stops it.")
            if open_browser:
                webbrowser.open(address)
            server.run()
            server.close()
    click.echo("Stopped.")


@click.command()
@click.argument("file", required=False, type=AudioFile)
@click.pass_obj
def demo(context: Context, file: Path | None) -> None:
    """Put a voice note through the whole pipeline in a throw-away journal, and show its insight."""
    from functions.laptop.process import LocalProcess

    artifacts.verify(context.settings.models_path)
    recording = file or context.settings.models_path / DEMO_RECORDING
    with (
        tempfile.TemporaryDirectory(prefix="samo-demo-") as folder,
        LocalProcess(replace(context.settings, data_dir=folder)) as samo,
    ):
        _show_demo(context, samo, recording)


@click.command()
@click.argument("source")
@click.option("--user", "uid", help="Whose journal; needed where SAMO_BACKEND=gcp.")
@click.pass_obj
def backfill(context: Context, source: str, uid: str | None) -> None:
    """Import every recording and text in SOURCE, each at most once ever, and wait for the insights.

    SOURCE is a folder, or gs://BUCKET/PREFIX. If the journal is being served already, or is in the cloud,
    those processes do the work.
    """
    from functions.cli.terminal import progress_bar, show_backfill
    from functions.laptop.backfill import backfill as import_all

    with progress_bar("importing") as step:
        report = import_all(context.settings, source, uid, lambda done, total: step(done / total))
    if context.json:
        context.answer(report)
    else:
        show_backfill(report)
    sys.exit(INPUT_FAILED if report.problems else 0)


def _show_demo(context: Context, samo: Any, recording: Path) -> None:
    from functions.cli.terminal import following, show_insight
    from functions.laptop.demo import run_demo

    with following(recording.name) as on_change:
        view = run_demo(samo.journal, recording, on_change)
    if context.json:
        context.answer(view)
    else:
        show_insight(view, recording.name)
    if view.status == "failed":
        sys.exit(INPUT_FAILED)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
