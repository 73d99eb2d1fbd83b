"""Prints results and progress to the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from functions.cli.claims import position, print_claims, print_prediction
from functions.emotion.api import Prediction
from functions.journal.support.notes import HelpLine, SupportNote, one_line
from functions.journal.views.entries import EntryView, InsightView, StageView
from functions.laptop.backfill import BackfillReport
from functions.laptop.dead_letters import DeadLetterView
from functions.shared.domain.content import EmptyReason
from functions.shared.domain.entries import Entry, StageState
from functions.shared.domain.insight import Summary
from functions.shared.domain.labels import NEUTRAL
from functions.shared.domain.lifecycle import ORDER
from functions.shared.runtime.artifacts import Manifest, problems

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

_EMPTY_MESSAGES = {
    EmptyReason.NO_SPEECH: "No speech was found, so there is nothing to analyze.",
    EmptyReason.NO_WORDS: "There are no words, so there is nothing to analyze.",
    EmptyReason.UNSUPPORTED_LANGUAGE: "This is not in English. Other languages are kept and found by word,"
    " but not analyzed yet.",
}


def show_insight(entry: EntryView, title: str) -> None:
    """Print an entry: transcript with the emotions of each sentence, the insight's claims, summary.

    If it has a support note that was not dismissed, the note replaces all emotions and claims.
    """
    out.print()
    out.rule(Text(title, style="bold"))
    note = entry.support if entry.support and not entry.support.dismissed else None
    if note:
        _show_support(note)
        entry = replace(entry, insight=_without_scores(entry.insight))
    if entry.transcript and entry.transcript.segments:
        out.print(_arc_table(entry))
    if entry.insight.empty_reason:
        out.print(_EMPTY_MESSAGES[entry.insight.empty_reason])
    print_claims(out, entry)
    if entry.insight.summary:
        show_summary(entry.insight.summary)
    _show_stages(entry)


def show_transcript(entry: EntryView, title: str) -> None:
    """Print what a recording says, in one paragraph, or why there is nothing."""
    out.print()
    out.rule(Text(f"{title}, transcribed", style="bold"))
    if entry.transcript and entry.transcript.text:
        out.print(Text(entry.transcript.text))
    elif entry.insight.empty_reason:
        out.print(_EMPTY_MESSAGES[entry.insight.empty_reason])
    _show_stages(entry)


def _without_scores(insight: InsightView) -> InsightView:
    return InsightView(
        emotions=(),
        feelings=(),
        topics=(),
        sentiment=None,
        summary=insight.summary,
        empty_reason=insight.empty_reason,
    )


def _show_support(note: SupportNote) -> None:
    """Print the note in one line, then its help lines or else the directory."""
    out.print(Text(one_line(note)))
    for line in note.lines:
        out.print(Text(f"  {line.name}: {_how_to_reach(line)} ({line.hours})"))
    if not note.lines:
        out.print(Text(f"  {note.directory.name}: {note.directory.url}"))
    out.print()


def _how_to_reach(line: HelpLine) -> str:
    ways = (("call", line.phone), ("text", line.text), ("chat", line.chat))
    return ", ".join(f"{way} {address}" for way, address in ways if address)


def show_summary(summary: Summary) -> None:
    """Print a summary in a panel, noting why it is extractive if an abstractive one was requested."""
    note = f"extractive: {summary.fallback_reason}" if summary.fallback_reason else None
    title = Text(": ".join(filter(None, ["Summary", summary.title])))
    out.print(
        Panel(Text(summary.text), title=title, title_align="left", subtitle=note, subtitle_align="left")
    )


def _arc_table(entry: EntryView) -> Table:
    table = Table.grid(padding=(0, 2))
    points = {point.segment: point for point in entry.insight.arc or ()}
    assert entry.transcript is not None
    for index, segment in enumerate(entry.transcript.segments):
        point = points.get(index)
        named = (score.emotion for score in point.emotions) if point else ()
        emotions = ", ".join(emotion for emotion in named if emotion != NEUTRAL)
        if segment.language and not entry.insight.empty_reason:
            emotions = f"not analyzed ({segment.language})"
        table.add_row(
            Text(position(index, segment.start), style="dim"),
            Text(segment.text),
            Text(emotions, style="cyan"),
        )
    return table


def _show_stages(entry: EntryView) -> None:
    for stage in entry.stages:
        if stage.error:
            out.print(f"[red]{stage.stage} failed:[/red] {stage.error.message} ({stage.error.code})")
    out.print(Text(" · ".join(_stage_status(stage) for stage in entry.stages), style="dim"))


def _stage_status(stage: StageView) -> str:
    if stage.state is not StageState.DONE or not stage.started_at or not stage.finished_at:
        return f"{stage.stage} {stage.state}"
    seconds = (stage.finished_at - stage.started_at).total_seconds()
    return f"{stage.stage} {seconds:.1f} s ({stage.engine})"


def show_prediction(text: str, prediction: Prediction) -> None:
    """Print a text's emotions, feelings and topics, or why it cannot be understood."""
    out.print(Text(text, style="bold"))
    if prediction.empty_reason:
        out.print(_EMPTY_MESSAGES[prediction.empty_reason])
        return
    print_prediction(out, prediction)


def show_backfill(report: BackfillReport) -> None:
    """Print the counts, then every file that was refused or failed."""
    counts = ", ".join(f"{count} {outcome}" for outcome, count in report.outcomes.items()) or "none"
    out.print(f"{report.files} files: {counts}")
    out.print("insights: " + (", ".join(f"{n} {status}" for status, n in report.statuses.items()) or "none"))
    for result in report.refused:
        out.print(f"[yellow]refused[/yellow] {escape(result.file)} ({result.code})")
    for result in report.failed:
        out.print(f"[red]failed[/red] {escape(result.file)}")


def show_dead_letters(letters: list[DeadLetterView]) -> None:
    """Print a table with one row per dead letter."""
    if not letters:
        out.print("no dead letters")
        return
    table = Table("id", "event", "subscription", "attempts", "entry", "outcome")
    for letter in letters:
        table.add_row(
            letter.id,
            letter.type,
            letter.subscription,
            str(letter.attempts),
            letter.entry_id or "–",
            letter.outcome or "",
        )
    out.print(table)


def show_artifacts(folder: Path, manifest: Manifest) -> None:
    """Print a table with one row per artifact: version, size, license, and whether its files are present."""
    table = Table("artifact", "version", "size", "license", "state")
    for name, artifact in manifest.artifacts.items():
        size = sum(file.bytes for file in artifact.files.values()) / 1e6
        state = "ready" if not problems(folder, name, artifact) else "not fetched"
        table.add_row(name, artifact.version, f"{size:.1f} MB", artifact.licence, state)
    out.print(table)


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[float], None]]:
    """Show a progress bar on standard error, removed at the end. Yields a function that sets it (0..1)."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(escape(label), total=1.0)
        yield lambda fraction: progress.update(task, completed=fraction)


@contextmanager
def entry_status(label: str) -> Iterator[Callable[[Entry], None]]:
    """Show on standard error which stage an entry is in. Yields a function to call with each new state."""
    with err.status(f"{escape(label)}: accepted …") as status:

        def on_change(entry: Entry) -> None:
            running = [stage for stage in ORDER if entry.stage(stage).state is StageState.RUNNING]
            status.update(f"{escape(label)}: {running[0] if running else entry.status} …")

        yield on_change
