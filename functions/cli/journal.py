"""`samo run`, `samo demo` and `samo backfill`."""

from __future__ import annotations

import signal
import sys
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from functions.cli.context import INPUT_FAILED, AudioFile, Context
from functions.shared.access.identity import has_accounts
from functions.shared.runtime import artifacts
from functions.shared.runtime.settings import Settings

if TYPE_CHECKING:
    from functions.journal.views.entries import EntryView
    from functions.laptop.process import LocalProcess

DEMO_TITLE = "A sample note"
DEMO_RECORDING = Path("recordings") / "beckett.wav"


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="Default: the first free port from 8080 to 8099. Live dictation uses the next free port.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option(
    "--demo", "with_demo", is_flag=True, help="Show the insight of a sample note first. It is not kept."
)
@click.option("--open", "open_browser", is_flag=True, help="Open the journal in a browser.")
@click.pass_obj
def run(context: Context, port: int | None, host: str, with_demo: bool, open_browser: bool) -> None:
    """Serve the journal on this machine until Ctrl-C.

    The web page, the API and the workers that process entries all run in this process.
    """
    from functions.laptop.process import LocalProcess, serve

    artifacts.verify(context.settings.models_path)
    for number in (signal.SIGINT, signal.SIGTERM):  # shells start background jobs with SIGINT ignored
        signal.signal(number, _interrupt)
    with LocalProcess(context.settings) as process:
        server = serve(process.app(), host, port)
        with process.dictation(host, int(server.effective_port)):
            threading.Thread(target=process.warm_up).start()
            if with_demo:
                _show_demo(context)
            address = f"http://{server.effective_host}:{server.effective_port}/"
            click.echo(_announcement(context.settings, address))
            if open_browser:
                webbrowser.open(address)
            server.run()
            server.close()
    click.echo("Stopped.")


def _announcement(settings: Settings, address: str) -> str:
    access = "this machine only, without sign-in"
    if has_accounts(settings):
        access = f"accounts of {settings.auth_issuer}"
    return (
        f"\nYour journal: {address}\n"
        f"API:          {address}docs\n"
        f"Stored in:    {settings.data_path}\n"
        f"Access:       {access}\n"
        "\nPress Ctrl-C to stop."
    )


@click.command()
@click.argument("file", required=False, type=AudioFile)
@click.pass_obj
def demo(context: Context, file: Path | None) -> None:
    """Show the insight of a recording.

    FILE is a recording; by default, a written sample note, followed by the transcript of a sample recording.
    The journal is temporary and deleted afterwards.
    """
    artifacts.verify(context.settings.models_path)
    _show_demo(context, file)


@click.command()
@click.argument("source")
@click.option("--user", "uid", help="ID of the journal's owner. Required if SAMO_BACKEND=gcp.")
@click.pass_obj
def backfill(context: Context, source: str, uid: str | None) -> None:
    """Import a folder or bucket and wait for the insights.

    SOURCE is a folder or gs://BUCKET/PREFIX. Every recording and text file in it becomes an entry. Each file
    is imported once, however often you run this command. If another process already serves the journal, or
    the journal is in the cloud, the work is done there.
    """
    from functions.cli.terminal import progress_bar, show_backfill
    from functions.laptop.backfill import backfill as import_all

    with progress_bar("importing") as set_progress:
        report = import_all(context.settings, source, uid, lambda done, total: set_progress(done / total))
    if context.json:
        context.print_json(report)
    else:
        show_backfill(report)
    sys.exit(INPUT_FAILED if report.problems else 0)


def _show_demo(context: Context, recording: Path | None = None) -> None:
    """Show the insight of a recording, or of the sample note and then what a sample recording says."""
    from functions.laptop.demo import DEMO_NOTE, demo_process

    with demo_process(context.settings) as process:
        view = _demo_entry(process, recording or DEMO_NOTE, recording.name if recording else DEMO_TITLE)
        _show_entry(context, view, recording.name if recording else DEMO_TITLE)
        if recording is None and not context.json:
            sample = context.settings.models_path / DEMO_RECORDING
            _show_transcript(_demo_entry(process, sample, sample.name), sample.name)


def _demo_entry(process: LocalProcess, source: Path | str, title: str) -> EntryView:
    from functions.cli.terminal import entry_status
    from functions.laptop.demo import run_demo

    with entry_status(title) as on_change:
        return run_demo(process.journal, source, on_change)


def _show_entry(context: Context, view: EntryView, title: str) -> None:
    from functions.cli.terminal import show_insight

    if context.json:
        context.print_json(view)
    else:
        show_insight(view, title)
    if view.status == "failed":
        sys.exit(INPUT_FAILED)


def _show_transcript(view: EntryView, title: str) -> None:
    from functions.cli.terminal import show_transcript

    show_transcript(view, title)
    if view.status == "failed":
        sys.exit(INPUT_FAILED)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
