"""An insight in the terminal: words instead of numbers, and the sentences behind them."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Console

from functions.cli.claims import print_claims, print_prediction
from functions.emotion.api import Prediction
from functions.journal.views.entries import entry_view
from functions.shared.domain.content import Arc, ArcPoint, EmotionScore, LabelScore, Segment, Transcript
from functions.shared.domain.corrections import NO_CORRECTIONS, Corrections
from functions.shared.domain.entries import Entry, Source, Status

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def scores(**emotions: float) -> tuple[EmotionScore, ...]:
    return tuple(EmotionScore(emotion=name, confidence=value) for name, value in emotions.items())


def printed(
    emotions: tuple[EmotionScore, ...],
    *,
    certain: bool = True,
    times: bool = False,
    feelings: tuple[str, ...] = (),
    corrections: Corrections = NO_CORRECTIONS,
) -> str:
    entry = Entry(
        uid="u",
        entry_id="e",
        source=Source.VOICE if times else Source.TEXT,
        status=Status.READY,
        created_at=NOW,
        recorded_at=NOW,
        updated_at=NOW,
        emotions=emotions,
        feelings=tuple(LabelScore(label=name, confidence=0.8) for name in feelings),
        sentiment=0.8,
        certain=certain,
        corrections=corrections,
    )
    segments = tuple(Segment(text=f"Sentence {i}.", start=65.0 * i if times else None) for i in range(3))
    points = (
        ArcPoint(segment=0, emotions=(), sentiment=0.0),
        ArcPoint(segment=1, emotions=scores(relief=0.8), sentiment=0.7),
        ArcPoint(segment=2, emotions=scores(relief=0.5), sentiment=0.6),
    )
    view = entry_view(entry, Transcript(text="", segments=segments), Arc(points=points))
    out = Console(width=100, color_system=None)
    with out.capture() as capture:
        print_claims(out, view)
    return capture.get()


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def test_emotions_are_words_with_the_numbers_of_their_sentences() -> None:
    assert lines(printed(scores(relief=0.9, grief=0.3))) == [
        "relief ●●● strongly sentences 2, 3",
        "grief ●○○ a little from the entry as a whole",
        "Mood positive sentences 2, 3",
    ]


def test_spoken_sentences_are_named_by_their_time() -> None:
    assert "somewhat at 1:05, 2:10" in " ".join(printed(scores(relief=0.5), times=True).split())


def test_an_unclear_first_emotion_is_hard_to_tell_and_has_no_strength() -> None:
    first, *rest = lines(printed(scores(relief=0.9, grief=0.8), certain=False))
    assert first == "Hard to tell. It may be:"
    assert rest[:2] == ["relief sentences 2, 3", "grief from the entry as a whole"]


def test_an_entry_without_emotion_says_so() -> None:
    assert lines(printed(scores(neutral=0.9), certain=False))[0] == "no emotion stands out"


def test_at_most_four_emotions_and_three_feelings_are_printed() -> None:
    text = printed(
        scores(neutral=0.9, relief=0.9, joy=0.9, love=0.9, pride=0.9, caring=0.9),
        feelings=("happy", "proud", "calm", "excited"),
    )
    assert not any(label in text for label in ("neutral", "caring", "excited"))
    assert all(label in text for label in ("relief", "joy", "love", "pride", "happy", "proud", "calm"))


def test_a_prediction_is_words_without_neutral_beside_others() -> None:
    out = Console(width=100, color_system=None)
    with out.capture() as capture:
        print_prediction(
            out,
            Prediction(emotions=scores(neutral=0.9, joy=0.5), feelings=(), topics=(), sentiment=0.5),
        )
    assert lines(capture.get()) == ["joy ●●○ somewhat"]


def test_what_the_user_stated_says_so_instead_of_a_strength() -> None:
    said = Corrections(emotions=("pride", "relief"), mood=-0.8)
    text = lines(printed(scores(grief=0.9), certain=False, feelings=("calm",), corrections=said))
    assert text == [
        "pride changed by you",
        "relief changed by you",
        "Feelings calm sentences 2, 3",
        "Mood negative changed by you",
    ]
