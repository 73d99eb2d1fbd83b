"""`samo transcribe`, `samo predict` and `samo summarize`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import msgspec
from msgspec.structs import replace

from functions.cli.context import INPUT_FAILED, AudioFile, Context
from functions.shared.errors import SamoError


@click.command()
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
    from functions.cli.terminal import progress_bar
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


@click.command()
@click.argument("texts", nargs=-1)
@click.pass_obj
def predict(context: Context, texts: tuple[str, ...]) -> None:
    """What each TEXT, or each line of standard input, expresses: emotions, feelings, topics."""
    from functions.cli.terminal import show_prediction
    from functions.emotion import service
    from functions.emotion.api import predictions
    from functions.shared.web.validation import require_text

    model = service.model(context.settings)
    for text in texts or _lines():
        (found,) = predictions(model, [require_text(text, context.settings.max_text_chars)])
        if context.json:
            context.answer({"text": text, **msgspec.structs.asdict(found)})
        else:
            show_prediction(text, found)


@click.command()
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
    from functions.cli.terminal import show_summary
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
