"""Which phrases are kept, given what voice detection and the decoder say of them."""

from __future__ import annotations

import pytest

from functions.shared.domain.content import LeftOut, Uncertainty
from functions.transcription.config import DoubtGate, LanguageGate
from functions.transcription.hypothesis import Hypothesis
from functions.transcription.judging import KEPT, NOTHING, Judge, Phrase, Verdict

GATE = DoubtGate(invented=("you", "thank you"))
JUDGE = Judge(LanguageGate(min_logprob=-0.45, doubt=0.8), GATE)
FOREIGN = Verdict(kept=False, left_out=LeftOut.UNSUPPORTED_LANGUAGE)
UNCLEAR = Verdict(kept=False, left_out=LeftOut.UNCLEAR)
FAINT = Verdict(kept=True, uncertain=Uncertainty.FAINT)


def decoded(mean: float, count: int = 20, *, ran_out: bool = False) -> Hypothesis:
    return Hypothesis(tuple(range(count)), (mean,) * count, mean * count, ran_out)


def phrase(
    mean: float,
    count: int = 20,
    *,
    certain: bool = True,
    text: str = "some words",
    voice: float = 0.9,
    voiced_s: float = 1.0,
    ran_out: bool = False,
) -> Phrase:
    return Phrase(
        hypothesis=decoded(mean, count, ran_out=ran_out),
        text=text,
        certain=certain,
        voice=voice,
        voiced_s=voiced_s,
        too_fast=ran_out,
    )


ENGLISH = phrase(-0.1)


def test_a_phrase_in_another_language_is_left_out_alone() -> None:
    assert JUDGE.judge([ENGLISH, phrase(-1.3), ENGLISH]) == [KEPT, FOREIGN, KEPT]


def test_most_of_a_note_in_another_language_does_not_cost_its_english() -> None:
    assert JUDGE.judge([phrase(-1.2), ENGLISH, *[phrase(-1.1)] * 5]) == [FOREIGN, KEPT, *[FOREIGN] * 5]


def test_in_a_note_in_another_language_no_half_sure_phrase_is_kept() -> None:
    assert JUDGE.judge([*[phrase(-1.0)] * 4, phrase(-0.4, 6)])[-1] == FOREIGN
    assert JUDGE.judge([ENGLISH, phrase(-0.4, 6)])[-1] == KEPT


def test_several_short_phrases_are_evidence_together() -> None:
    short = phrase(-0.7, 6)
    unsure = Verdict(kept=True, uncertain=Uncertainty.UNSURE)
    assert JUDGE.judge([ENGLISH, ENGLISH, short]) == [KEPT, KEPT, unsure]
    assert JUDGE.judge([ENGLISH, ENGLISH, *[short] * 6]) == [KEPT, KEPT, *[FOREIGN] * 6]


def test_words_that_make_no_sense_in_a_voice_that_is_hardly_heard_are_unclear() -> None:
    assert JUDGE.judge([ENGLISH, phrase(-1.3, voice=0.6)])[-1] == UNCLEAR


def test_decoding_that_got_stuck_is_kept_only_where_it_is_sure() -> None:
    cut = Verdict(kept=True, uncertain=Uncertainty.CUT_OFF)
    assert JUDGE.judge([ENGLISH, phrase(-0.2, ran_out=True)])[-1] == cut
    assert JUDGE.judge([ENGLISH, phrase(-0.5, ran_out=True)])[-1] == FOREIGN


def test_repetitions_are_no_evidence_for_a_language() -> None:
    turn = tuple(range(6))
    logprobs = (-1.2,) * 6 + (-0.01,) * 54
    looped = Hypothesis(turn * 10, logprobs, sum(logprobs))
    assert looped.mean > -0.2
    assert looped.certainty < -0.8
    assert JUDGE.makes_no_sense(looped)
    mantra = Hypothesis(turn * 10, (-0.1,) * 60, -6.0)
    assert mantra.certainty == pytest.approx(-0.1)


@pytest.mark.parametrize(
    ("mean", "amid", "verdict"),
    [
        (-0.2, False, FAINT),
        (-0.35, False, NOTHING),
        (-0.35, True, FAINT),
        (-0.5, True, UNCLEAR),
    ],
)
def test_a_doubtful_phrase_is_kept_if_the_decoder_is_sure_or_its_neighbors_are_speech(
    mean: float, amid: bool, verdict: Verdict
) -> None:
    doubtful = phrase(mean, 5, certain=False, voice=0.4)
    assert JUDGE.judge([ENGLISH, doubtful] if amid else [doubtful])[-1] == verdict
    assert JUDGE.judge([doubtful], amid_speech=amid) == [verdict]


def test_a_doubtful_phrase_that_is_heard_well_is_not_called_uncertain() -> None:
    assert JUDGE.judge([ENGLISH, phrase(-0.1, certain=False, voice=0.7)])[-1] == KEPT


@pytest.mark.parametrize("text", ["Thank you.", "You", "♪♪", "© transcript", "…"])
def test_what_the_decoder_invents_is_no_word_where_nobody_certainly_speaks(text: str) -> None:
    assert JUDGE.judge([phrase(-0.05, 3, certain=False, text=text)]) == [NOTHING]
    assert JUDGE.judge([ENGLISH, phrase(-0.25, 3, certain=False, text=text, voiced_s=0.2)])[-1] == NOTHING


def test_a_sure_thank_you_amid_speech_is_kept() -> None:
    assert JUDGE.judge([ENGLISH, phrase(-0.08, 3, certain=False, text="Thank you.", voice=0.7)])[-1] == KEPT


def test_faster_than_anyone_speaks_is_no_faint_voice() -> None:
    assert JUDGE.judge([phrase(-0.05, certain=False, ran_out=True)]) == [NOTHING]


@pytest.mark.parametrize(
    ("whole", "halves", "expected"),
    [
        (decoded(-0.7, 40), [decoded(-0.1), decoded(-1.3)], True),
        (decoded(-0.4, 40), [decoded(-0.2), decoded(-1.0)], True),
        (decoded(-0.35, 40), [decoded(-0.2), decoded(-1.3, 3)], False),  # a mumbled name
        (decoded(-0.35, 40), [decoded(-0.4), decoded(-1.0)], False),  # noisy throughout
        (decoded(-1.0, 40), [decoded(-1.0), decoded(-1.0)], False),
        (decoded(-0.2, 40, ran_out=True), [decoded(-0.2), decoded(-0.2)], True),
        (decoded(-0.2, 40), [decoded(-0.2), decoded(-0.2)], False),
    ],
)
def test_a_phrase_is_cut_only_where_that_tells_words_from_what_makes_no_sense(
    whole: Hypothesis, halves: list[Hypothesis], expected: bool
) -> None:
    assert (JUDGE.words_gained(whole, halves) > 0) is expected


def test_only_doubtful_phrases_are_looked_at_again() -> None:
    assert not JUDGE.needs_second_look(decoded(-0.2))
    assert JUDGE.needs_second_look(decoded(-0.35))
    assert JUDGE.needs_second_look(decoded(-0.1, ran_out=True))
    mixed = Hypothesis(tuple(range(40)), (-0.05,) * 32 + (-1.0,) * 8, 0.0)
    assert JUDGE.needs_second_look(mixed)
