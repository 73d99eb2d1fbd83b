"""Prints what an insight claims, in words, with the places of the sentences each claim rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from functions.emotion.api import Prediction
from functions.journal.views.claims import (
    Claim,
    ClaimKind,
    Strength,
    shown_emotions,
    shown_feelings,
    strength,
)
from functions.journal.views.entries import EntryView
from functions.shared.domain.corrections import InsightPart
from functions.shared.domain.labels import NEUTRAL

_NOTHING_STANDS_OUT = "no emotion stands out"
_HARD_TO_TELL = "Hard to tell. It may be:"
_TITLES = {ClaimKind.FEELING: "Feelings", ClaimKind.TOPIC: "Topics", ClaimKind.MOOD: "Mood"}
_MARKS = {Strength.STRONGLY: "●●●", Strength.SOMEWHAT: "●●○", Strength.A_LITTLE: "●○○"}
_AS_A_WHOLE = "from the entry as a whole"
_STATED = "changed by you"
_PARTS = {
    ClaimKind.EMOTION: InsightPart.EMOTIONS,
    ClaimKind.FEELING: InsightPart.FEELINGS,
    ClaimKind.TOPIC: InsightPart.TOPICS,
    ClaimKind.MOOD: InsightPart.MOOD,
}


def print_claims(out: Console, entry: EntryView) -> None:
    """Print an entry's emotions, feelings, topics and mood, if it has an insight."""
    claims = entry.insight.claims or ()
    emotions = [claim for claim in claims if claim.kind is ClaimKind.EMOTION]
    if emotions:
        if not entry.insight.certain and emotions[0].label != NEUTRAL:
            out.print(Text(_HARD_TO_TELL, style="bold"))
        out.print(_emotion_table((claim.label, claim.strength, _basis(claim, entry)) for claim in emotions))
    others = _other_table(claims, entry)
    if others.row_count:
        out.print(others)


def print_prediction(out: Console, prediction: Prediction) -> None:
    """Print what a text expresses. It is one text, so there is nothing to point to."""
    emotions = shown_emotions(prediction.emotions)
    if emotions:
        rows = ((score.emotion, strength(score.confidence), "") for score in emotions)
        out.print(_emotion_table(rows))
    else:
        out.print(Text(_NOTHING_STANDS_OUT, style="dim"))
    for title, scores in (("Feelings", shown_feelings(prediction.feelings)), ("Topics", prediction.topics)):
        if scores:
            out.print(f"{title}: " + ", ".join(score.label for score in scores))


def position(index: int, start: float | None) -> str:
    """Where a sentence is: its time as `m:ss`, or its number if it was typed."""
    if start is None:
        return str(index + 1)
    minutes, remainder = divmod(int(start), 60)
    return f"{minutes}:{remainder:02d}"


def _emotion_table(rows: Iterable[tuple[str, Strength | None, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    for emotion, how, basis in rows:
        if emotion == NEUTRAL:
            table.add_row(Text(_NOTHING_STANDS_OUT, style="dim"))
            continue
        marks = Text(_MARKS[how] if how else "", style="cyan")
        table.add_row(Text(emotion, style="bold"), marks, how or "", Text(basis, style="dim"))
    return table


def _other_table(claims: Sequence[Claim], entry: EntryView) -> Table:
    table = Table.grid(padding=(0, 2))
    for kind, title in _TITLES.items():
        for index, claim in enumerate(claim for claim in claims if claim.kind is kind):
            basis = Text(_basis(claim, entry), style="dim")
            table.add_row(Text("" if index else title, style="bold"), claim.label, basis)
    return table


def _basis(claim: Claim, entry: EntryView) -> str:
    """The places of the sentences that a claim rests on."""
    if _PARTS[claim.kind] in entry.insight.corrected:
        return _STATED
    if not claim.segments or entry.transcript is None:
        return _AS_A_WHOLE
    segments = entry.transcript.segments
    places = ", ".join(position(index, segments[index].start) for index in claim.segments)
    if segments[claim.segments[0]].start is not None:
        return f"at {places}"
    return f"sentence {places}" if len(claim.segments) == 1 else f"sentences {places}"
