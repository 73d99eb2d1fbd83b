"""`samo`: the journal on this machine, and each capability by itself.

Exit codes: 0 done; 1 unexpected; 2 usage or configuration; 3 an input was refused or failed;
4 a model file is missing or wrong; 130 interrupted.
"""

from __future__ import annotations

import logging
import signal
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
import msgspec
from msgspec.structs import replace

from functions.shared.errors import ArtifactError, ConfigurationError, SamoError
from functions.shared.observability import logs
from functions.shared.runtime import artifacts, settings
from functions.shared.runtime.malloc import share_heap
from functions.shared.runtime.settings import Settings

USAGE, INPUT_FAILED, MODEL_MISSING, INTERRUPTED = 2, 3, 4, 130
DEMO_RECORDING = Path("recordings") / "two_cities.wav"
AudioFile = click.Path(exists=True, dir_okay=False, path_type=Path)


class Context(msgspec.Struct, frozen=True):
    """What every command shares."""

    settings: Settings
    json: bool

    def answer(self, value: object) -> None:
        """One line of JSON on standard output."""
        click.echo(msgspec.json.encode(value))


class SamoGroup(click.Group):
    """Turns SAMO's errors into one line and an exit code."""

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
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Folder of the journal.")
@click.option("--verbose", "-v", is_flag=True, help="Log what happens (never what a journal says).")
@click.version_option(package_name="samo")
@click.pass_context
def main(ctx: click.Context, as_json: bool, data: Path | None, verbose: bool) -> None:
    """SAMO: a voice note in, an insight out."""
    share_heap()
    logs.configure(logging.INFO if verbose else logging.ERROR)
    chosen = settings.load()
    ctx.obj = Context(replace(chosen, data_dir=str(data)) if data else chosen, as_json)


# -- the journal --------------------------------------------------------------------------------


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Default: the first free one from 8080.")
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option("--demo", "with_demo", is_flag=True, help="First put a voice note through, and show it.")
@click.option("--open", "open_browser", is_flag=True, help="Open the page in a browser.")
@click.pass_obj
def run(context: Context, port: int | None, host: str, with_demo: bool, open_browser: bool) -> None:
    """Serve the journal: page, API and workers in one process, until Ctrl-C."""
    from functions.laptop.process import LocalSamo, serve

    artifacts.verify(context.settings.models_path)
    for number in (signal.SIGINT, signal.SIGTERM):  # background shells hand SIGINT down ignored
        signal.signal(number, _interrupt)
    with LocalSamo(context.settings) as samo:
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


@main.command()
@click.argument("file", required=False, type=AudioFile)
@click.pass_obj
def demo(context: Context, file: Path | None) -> None:
    """Put a voice note through the whole pipeline in a throw-away journal, and show its insight."""
    from functions.laptop.process import LocalSamo

    artifacts.verify(context.settings.models_path)
    recording = file or context.settings.models_path / DEMO_RECORDING
    with (
        tempfile.TemporaryDirectory(prefix="samo-demo-") as folder,
        LocalSamo(replace(context.settings, data_dir=folder)) as samo,
    ):
        _show_demo(context, samo, recording)


@main.command()
@click.argument("source")
@click.option("--user", "uid", help="Whose journal; needed where SAMO_BACKEND=gcp.")
@click.pass_obj
def backfill(context: Context, source: str, uid: str | None) -> None:
    """Import every recording and text in SOURCE, each at most once ever, and wait for the insights.

    SOURCE is a folder, or gs://BUCKET/PREFIX. If the journal is being served already, or is in the cloud,
    those processes do the work.
    """
    from functions.laptop.backfill import backfill as import_all
    from functions.laptop.terminal import progress_bar, show_backfill

    with progress_bar("importing") as step:
        report = import_all(context.settings, source, uid, lambda done, total: step(done / total))
    if context.json:
        context.answer(report)
    else:
        show_backfill(report)
    sys.exit(INPUT_FAILED if report.problems else 0)


@main.group("dead-letters")
def dead_letters() -> None:
    """What was given up after every retry: list it, try it again."""


@dead_letters.command("list")
@click.pass_obj
def list_dead_letters(context: Context) -> None:
    """The dead letters, left where they are (the first 100)."""
    from functions.laptop.dead_letters import listed
    from functions.laptop.terminal import show_letters

    found = listed(context.settings)
    context.answer(found) if context.json else show_letters(found)


@dead_letters.command("replay")
@click.argument("ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every dead letter there is (the first 100).")
@click.pass_obj
def replay_dead_letters(context: Context, ids: tuple[str, ...], everything: bool) -> None:
    """Try again what the dead letters of these IDS asked for: their stages begin anew."""
    from functions.laptop.dead_letters import replay
    from functions.laptop.terminal import show_letters

    if bool(ids) == everything:
        raise click.UsageError("name the IDS to replay, or --all")
    replayed = replay(context.settings, frozenset(ids))
    context.answer(replayed) if context.json else show_letters(replayed)
    if unknown := set(ids) - {letter.id for letter in replayed}:
        click.echo(f"samo: no such dead letter: {', '.join(sorted(unknown))}", err=True)
        sys.exit(INPUT_FAILED)


def _show_demo(context: Context, samo: Any, recording: Path) -> None:
    from functions.laptop.demo import run_demo
    from functions.laptop.terminal import following, show_insight

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


# -- one capability at a time -------------------------------------------------------------------


@main.command()
@click.argument("files", nargs=-1, required=True, type=AudioFile)
@click.option("--format", "format_", type=click.Choice(["txt", "srt", "vtt", "json"]), default="txt")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), help="Write files here instead.")
@click.option("--engine", type=click.Choice(["moonshine", "whisper"]), help="Default: as the settings say.")
@click.option("--model", help="With whisper: a model's folder, or its name in the manifest.")
@click.pass_obj
def transcribe(
    context: Context,
    files: tuple[Path, ...],
    format_: str,
    output: Path | None,
    engine: str | None,
    model: str | None,
) -> None:
    """The words of recordings, with times where the format has them."""
    from functions.laptop.terminal import progress_bar
    from functions.shared.audio import subtitles
    from functions.transcription import service
    from functions.transcription.transcriber import transcribe_file

    chosen = replace(
        context.settings,
        transcription_engine=engine or context.settings.transcription_engine,
        whisper_model=model or context.settings.whisper_model,
    )
    loaded = service.engine(chosen)
    wanted = "json" if context.json else format_
    failures = 0
    for file in files:
        try:
            with progress_bar(file.name) as step:
                transcript, reason = transcribe_file(
                    loaded, file, progress=step, max_duration_s=chosen.max_audio_s
                )
        except SamoError as error:
            failures += 1
            click.echo(f"samo: {file.name}: {error.detail} ({error.code})", err=True)
            continue
        if reason:
            click.echo(f"samo: {file.name}: no text ({reason})", err=True)
        _write(subtitles.render(transcript, wanted), output and output / f"{file.stem}.{wanted}")
    sys.exit(INPUT_FAILED if failures else 0)


@main.command()
@click.argument("texts", nargs=-1)
@click.pass_obj
def predict(context: Context, texts: tuple[str, ...]) -> None:
    """What each TEXT, or each line of standard input, expresses: emotions, feelings, topics."""
    from functions.emotion import service
    from functions.emotion.api import predictions
    from functions.laptop.terminal import show_prediction
    from functions.shared.web.validation import require_text

    model = service.model(context.settings)
    for text in texts or _lines():
        (found,) = predictions(model, [require_text(text, context.settings.max_text_chars)])
        if context.json:
            context.answer({"text": text, **msgspec.structs.asdict(found)})
        else:
            show_prediction(text, found)


@main.command()
@click.argument("file", type=click.File(encoding="utf-8"), default="-")
@click.option("--max-sentences", type=click.IntRange(1, 10), default=3, show_default=True)
@click.option(
    "--style",
    type=click.Choice(["extract", "abstract"]),
    help="of its own sentences, or in new words; default: as set in SAMO_SUMMARY_STYLE",
)
@click.pass_obj
def summarize(context: Context, file: Iterable[str], max_sentences: int, style: str | None) -> None:
    """What a text FILE (or standard input) comes down to."""
    from functions.laptop.terminal import show_summary
    from functions.shared.runtime.settings import Style
    from functions.shared.text.sentences import segments
    from functions.shared.web.validation import require_text
    from functions.summarization import service
    from functions.summarization.api import respond

    text = require_text("".join(file), context.settings.max_text_chars)
    engine = service.engine(context.settings, Style(style) if style else None)
    found = respond(engine, segments(text), max_sentences)
    if context.json:
        context.answer({"summary": found.summary, "empty_reason": found.empty_reason})
    elif found.summary is None:
        click.echo(f"nothing to summarize ({found.empty_reason})")
    else:
        show_summary(found.summary)


def _lines() -> Iterator[str]:
    return (line.rstrip("\n") for line in sys.stdin if line.strip())


def _write(text: str, path: Path | None) -> None:
    if path is None:
        click.echo(text.rstrip("\n"))
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    click.echo(str(path), err=True)


# -- model artifacts ----------------------------------------------------------------------------


@main.group()
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
    from functions.laptop.terminal import show_artifacts

    folder = context.settings.models_path
    manifest = artifacts.load_manifest(folder)
    if context.json:
        context.answer(manifest.artifacts)
    else:
        show_artifacts(folder, manifest)


if __name__ == "__main__":
    main()
