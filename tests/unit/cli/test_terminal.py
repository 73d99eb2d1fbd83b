"""What `samo` prints of an entry with a support note."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from functions.cli.terminal import show_insight
from functions.journal.support.notes import SupportNote, make_note
from functions.journal.views.entries import EntryView, entry_view
from functions.shared.domain import creation
from functions.shared.domain.content import Arc, ArcPoint, EmotionScore, LabelScore, Segment, Transcript
from functions.shared.domain.entries import EntryKey
from functions.shared.domain.insight import Summary
from functions.shared.runtime.settings import Settings

TEXT = "I do not know how to go on."
GRIEF = (EmotionScore(emotion="grief", confidence=0.9),)


def view(note: SupportNote | None) -> EntryView:
    entry = creation.create_text_entry(EntryKey("ada", "e"), datetime(2026, 3, 1, tzinfo=UTC))
    entry = replace(
        entry,
        emotions=GRIEF,
        feelings=(LabelScore(label="lonely", confidence=0.8),),
        summary=Summary(text=TEXT, engine="extractive"),
    )
    transcript = Transcript(text=TEXT, segments=(Segment(text=TEXT),))
    arc = Arc(points=(ArcPoint(segment=0, emotions=GRIEF, sentiment=-0.8),))
    return entry_view(entry, transcript, arc, note)


def printed(note: SupportNote | None, capsys: pytest.CaptureFixture[str]) -> str:
    show_insight(view(note), "note.wav")
    return " ".join(capsys.readouterr().out.split())


def test_the_note_and_its_lines_replace_all_scores(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(make_note("GB", Settings()), capsys)
    assert "they are there to listen (in danger: 999):" in out
    assert "Samaritans: call 116 123 (24 hours, every day)" in out
    assert "Shout: text SHOUT to 85258" in out
    assert out.count(TEXT) == 2, "the transcript and the summary stay"
    assert not any(score in out for score in ("grief", "lonely", "0.9"))


def test_where_no_lines_are_known_the_directory_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(make_note(None, Settings()), capsys)
    assert "(in danger: your local emergency number):" in out
    assert "Find A Helpline: https://findahelpline.com" in out


def test_a_dismissed_note_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    dismissed = printed(make_note("GB", Settings(), dismissed=True), capsys)
    assert dismissed == printed(None, capsys)
    assert "grief" in dismissed
