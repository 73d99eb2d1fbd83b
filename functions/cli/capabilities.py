"""`samo transcribe`, `samo predict` and `samo summarize`: one capability, without a journal."""

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
@click.option(
    "--format",
    "format_",
    type=click.Choice(["txt", "srt", "vtt", "json"]),
    default="txt",
    show_default=True,
    help="Output format; every format but txt has timestamps.",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write one file per recording to this folder instead of printing.",
)
@click.option(
    "--engine", type=click.Choice(["moonshine", "whisper"]), help="Default: SAMO_TRANSCRIPTION_ENGINE."
)
@click.option("--name", "names", multiple=True, help="A name that is said; may be given several times.")
@click.option("--model", help="With whisper: a model folder, or a model's name in the manifest.")
@click.pass_obj
def transcribe(
    context: Context,
    files: tuple[Path, ...],
    format_: str,
    output: Path | None,
    engine: str | None,
    names: tuple[str, ...],
    model: str | None,
) -> None:
    """Transcribe recordings.

    If one of FILES cannot be transcribed, the others still are.
    """
    from functions.cli.terminal import progress_bar
    from functions.shared.audio import subtitles
    from functions.shared.domain.names import normalized
    from functions.transcription import service
    from functions.transcription.transcriber import transcribe_file

    settings = replace(
        context.settings,
        transcription_engine=engine or context.settings.transcription_engine,
        whisper_model=model or context.settings.whisper_model,
    )
    loaded_engine = service.engine(settings)
    if context.json:
        format_ = "json"
    failures = 0
    for file in files:
        try:
            with progress_bar(file.name) as set_progress:
                transcript, empty_reason = transcribe_file(
                    loaded_engine,
                    file,
                    progress=set_progress,
                    max_duration_s=settings.max_audio_s,
                    names=[normalized(name) for name in names],
                )
        except SamoError as error:
            failures += 1
            click.echo(f"samo: {file.name}: {error.detail} ({error.code})", err=True)
            continue
        if empty_reason:
            click.echo(f"samo: {file.name}: no text ({empty_reason})", err=True)
        _write(subtitles.render(transcript, format_), output and output / f"{file.stem}.{format_}")
    sys.exit(INPUT_FAILED if failures else 0)


@click.command()
@click.argument("texts", nargs=-1)
@click.pass_obj
def predict(context: Context, texts: tuple[str, ...]) -> None:
    """Predict the emotions, feelings and topics of texts.

    Reads TEXTS, or standard input with one text per line.
    """
    from functions.cli.terminal import show_prediction
    from functions.emotion import service
    from functions.emotion.api import predictions
    from functions.shared.web.validation import require_text

    model = service.model(context.settings)
    for text in texts or _stdin_lines():
        (prediction,) = predictions(model, [require_text(text, context.settings.max_text_chars)])
        if context.json:
            context.print_json({"text": text, **msgspec.structs.asdict(prediction)})
        else:
            show_prediction(text, prediction)


@click.command()
@click.argument("file", type=click.File(encoding="utf-8"), default="-")
@click.option(
    "--max-sentences",
    type=click.IntRange(1, 10),
    default=3,
    show_default=True,
    help="Maximum number of sentences in the summary.",
)
@click.option(
    "--style",
    type=click.Choice(["extract", "abstract"]),
    help="Quote the text's own sentences, or write new ones. Default: SAMO_SUMMARY_STYLE.",
)
@click.pass_obj
def summarize(context: Context, file: Iterable[str], max_sentences: int, style: str | None) -> None:
    """Summarize the text in FILE, by default standard input."""
    from functions.cli.terminal import show_summary
    from functions.shared.runtime.settings import Style
    from functions.shared.text.sentences import segments
    from functions.shared.web.validation import require_text
    from functions.summarization import service
    from functions.summarization.api import respond

    text = require_text("".join(file), context.settings.max_text_chars)
    engine = service.engine(context.settings, Style(style) if style else None)
    response = respond(engine, segments(text), max_sentences)
    if context.json:
        context.print_json({"summary": response.summary, "empty_reason": response.empty_reason})
    elif response.summary is None:
        click.echo(f"nothing to summarize ({response.empty_reason})")
    else:
        show_summary(response.summary)


def _stdin_lines() -> Iterator[str]:
    return (line.rstrip("\n") for line in sys.stdin if line.strip())


def _write(text: str, path: Path | None) -> None:
    if path is None:
        click.echo(text.rstrip("\n"))
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    click.echo(str(path), err=True)
