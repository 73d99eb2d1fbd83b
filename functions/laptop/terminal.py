"""How insights, progress and errors look in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from functions.emotion.api import Prediction
from functions.journal.views.entries import EntryView, StageView
from functions.laptop.backfill import BackfillReport
from functions.laptop.dead_letters import LetterView
from functions.shared.domain.content import EmotionScore, EmptyReason, LabelScore
from functions.shared.domain.entries import Entry, StageState
from functions.shared.domain.insight import Summary
from functions.shared.domain.lifecycle import ORDER
from functions.shared.runtime.artifacts import Manifest, problems

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

_BAR = 18
_EMPTY = {
    EmptyReason.NO_SPEECH: "No speech was heard, so there is nothing to analyse.",
    EmptyReason.NO_WORDS: "There are no words in it, so there is nothing to analyse.",
    EmptyReason.UNSUPPORTED_LANGUAGE: "It is not in English, the one language the models understand so far.",
}


def show_insight(entry: EntryView, title: str) -> None:
    """An entry's transcript along its arc, the emotions overall and the summary."""
    out.print()
    out.rule(Text(title, style="bold"))
    if entry.transcript and entry.transcript.segments:
        out.print(_arc_table(entry))
    if entry.insight.empty_reason:
        out.print(_EMPTY[entry.insight.empty_reason])
    if entry.insight.emotions:
        out.print(_emotion_table(entry.insight.emotions))
    _show_labels(entry.insight.feelings, entry.insight.topics)
    if entry.insight.summary:
        show_summary(entry.insight.summary)
    for stage in entry.stages:
        if stage.error:
            out.print(f"[red]{stage.stage} failed:[/red] {stage.error.message} ({stage.error.code})")
    out.print(Text(" · ".join(_took(stage) for stage in entry.stages), style="dim"))


def show_summary(summary: Summary) -> None:
    """A summary under its title, and why it is in extracts where new words were asked for."""
    note = f"in extracts: {summary.fallback_reason}" if summary.fallback_reason else None
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
        felt = ", ".join(score.emotion for score in point.emotions) if point else ""
        table.add_row(Text(clock(segment.start), style="dim"), Text(segment.text), Text(felt, style="cyan"))
    return table


def _emotion_table(emotions: Iterable[EmotionScore]) -> Table:
    table = Table.grid(padding=(0, 2))
    for score in emotions:
        filled = round(score.confidence * _BAR)
        bar = Text("█" * filled, style="cyan") + Text("░" * (_BAR - filled), style="dim")
        table.add_row(Text(score.emotion, style="bold"), bar, f"{score.confidence:.2f}")
    return table


def _took(stage: StageView) -> str:
    if stage.state is not StageState.DONE or not stage.started_at or not stage.finished_at:
        return f"{stage.stage} {stage.state}"
    seconds = (stage.finished_at - stage.started_at).total_seconds()
    return f"{stage.stage} {seconds:.1f} s ({stage.engine})"


def clock(seconds: float | None) -> str:
    """`m:ss`, or nothing for words that were typed."""
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"


def show_prediction(text: str, found: Prediction) -> None:
    """What a text expresses, or why it can't be understood."""
    out.print(Text(text, style="bold"))
    if found.empty_reason:
        out.print(_EMPTY[found.empty_reason])
        return
    none = Text("no emotion above its threshold", style="dim")
    out.print(_emotion_table(found.emotions) if found.emotions else none)
    _show_labels(found.feelings, found.topics)


def _show_labels(feelings: Sequence[LabelScore], topics: Sequence[LabelScore]) -> None:
    for title, found in (("Feelings", feelings), ("About", topics)):
        if found:
            out.print(f"{title}: " + ", ".join(score.label for score in found))


def show_backfill(report: BackfillReport) -> None:
    """Counts, then every file that needs a look."""
    counts = ", ".join(f"{count} {outcome}" for outcome, count in report.outcomes.items()) or "none"
    out.print(f"{report.files} files: {counts}")
    out.print("insights: " + (", ".join(f"{n} {status}" for status, n in report.statuses.items()) or "none"))
    for one in report.refused:
        out.print(f"[yellow]refused[/yellow] {escape(one.file)} ({one.code})")
    for one in report.failed:
        out.print(f"[red]failed[/red] {escape(one.file)}")


def show_letters(letters: list[LetterView]) -> None:
    """A line a dead letter."""
    if not letters:
        out.print("no dead letters")
        return
    table = Table("id", "event", "subscription", "attempts", "entry", "outcome")
    for one in letters:
        table.add_row(
            one.id, one.type, one.subscription, str(one.attempts), one.entry_id or "–", one.outcome or ""
        )
    out.print(table)


def show_artifacts(folder: Path, manifest: Manifest) -> None:
    """A line an artifact: version, size, licence, and whether its files are here."""
    table = Table("artifact", "version", "size", "licence", "state")
    for name, artifact in manifest.artifacts.items():
        size = sum(file.bytes for file in artifact.files.values()) / 1e6
        state = "ready" if not problems(folder, name, artifact) else "not here"
        table.add_row(name, artifact.version, f"{size:.1f} MB", artifact.licence, state)
    out.print(table)


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[float], None]]:
    """A bar on standard error, moved by shares of the work (0..1) and gone when it is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(escape(label), total=1.0)
        yield lambda share: progress.update(task, completed=share)


@contextmanager
def following(label: str) -> Iterator[Callable[[Entry], None]]:
    """A line on standard error that says which stage an entry is in."""
    with err.status(f"{escape(label)}: going in …") as status:

        def on_change(entry: Entry) -> None:
            running = [stage for stage in ORDER if entry.stage(stage).state is StageState.RUNNING]
            status.update(f"{escape(label)}: {running[0] if running else entry.status} …")

        yield on_change
