"""The faithfulness guard accepts paraphrases and refuses inventions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.domain.insight import FallbackReason
from functions.summarization.faithfulness import find_unfaithful, supported

SOURCE = (
    "My sister and I drove to Oslo with two dogs. Mom did not come. I was not angry, only tired. "
    "We paid 40 euros and slept for nine hours. Richard never called, but Priya's husband cooked."
)
NAMES = frozenset({"oslo", "richard", "priya", "tom", "maria"})


@pytest.mark.parametrize(
    "summary",
    [
        "My sister and I drove to Oslo with 2 dogs.",
        "My mother didn't come and I was tired.",
        "We slept 9 hours after paying forty euros.",
        "I wasn't angry.",
        "Richard did not call. Priya's husband was cooking for us.",
        "She drove with me and he cooked.",
    ],
)
def test_a_paraphrase_is_faithful(summary: str) -> None:
    assert find_unfaithful(SOURCE, summary, NAMES) is None


@pytest.mark.parametrize(
    ("summary", "reason"),
    [
        ("My sister and I drove to Bergen.", FallbackReason.INVENTED_NAME),
        ("my sister drove with tom.", FallbackReason.INVENTED_NAME),
        ("We slept for ten hours.", FallbackReason.INVENTED_NUMBER),
        ("We paid 400 euros.", FallbackReason.INVENTED_NUMBER),
        ("My brother and I drove to Oslo.", FallbackReason.INVENTED_PERSON),
        ("I was angry and tired.", FallbackReason.CHANGED_NEGATION),
        ("Mom came.", FallbackReason.CHANGED_NEGATION),
        ("I was not tired.", FallbackReason.CHANGED_NEGATION),
        ("Richard called.", FallbackReason.CHANGED_NEGATION),
        ("The wedding cake and the flowers were beautiful.", FallbackReason.INVENTED_WORDS),
    ],
)
def test_an_invention_is_refused_with_its_reason(summary: str, reason: FallbackReason) -> None:
    assert find_unfaithful(SOURCE, summary, NAMES) is reason


def test_a_pronoun_needs_a_person_in_the_source() -> None:
    assert (
        find_unfaithful("I walked to the lake.", "He walked to the lake.") is FallbackReason.INVENTED_PERSON
    )
    assert find_unfaithful("My brother walked to the lake.", "He walked to the lake.") is None


@pytest.mark.parametrize("conjunction", ["but", "and", "because", "so"])
def test_a_conjunction_ends_a_negation(conjunction: str) -> None:
    """Without a comma: "not" negates "sleep" alone, so the summary may affirm that I cried."""
    source = f"I did not sleep {conjunction} cried at home."
    assert find_unfaithful(source, "I cried at home.") is None
    assert find_unfaithful(source, "I did not cry at home.") is FallbackReason.CHANGED_NEGATION
    assert find_unfaithful(source, "I slept at home.") is FallbackReason.CHANGED_NEGATION


@given(st.text(max_size=200))
def test_every_text_is_faithful_to_itself(text: str) -> None:
    assert find_unfaithful(text, text, NAMES) is None


def test_a_summary_that_mixes_sentences_of_the_source_has_little_support() -> None:
    source = "I was holding the kite. She built a castle from cushions. The office called about the fever."
    assert supported(source, "I was holding the kite and she built a castle from cushions.") >= 0.75
    mixed = "I had a castle of fever out of the kite and the office was holding cushions."
    assert supported(source, mixed) < 0.5
    assert find_unfaithful(source, mixed) is None, "support is optional"
    assert find_unfaithful(source, mixed, least_supported=0.5) is FallbackReason.UNSUPPORTED


def test_support_is_not_judged_from_a_few_words() -> None:
    assert supported("I drove home. He cooked.", "I drove and he cooked.") == 1.0
    assert supported("I drove home.", "") == 1.0


def test_half_of_the_words_may_be_new() -> None:
    assert find_unfaithful("I baked bread.", "We baked cakes with them.") is None, "function words are free"
    assert find_unfaithful("I baked bread.", "I iced cakes.") is FallbackReason.INVENTED_WORDS


def test_a_negation_reaches_four_words() -> None:
    source = "I never liked pears plums figs grapes."
    assert find_unfaithful(source, "Grapes.") is None
    assert find_unfaithful(source, "Figs.") is FallbackReason.CHANGED_NEGATION
    assert find_unfaithful(source, "No grapes.") is FallbackReason.CHANGED_NEGATION


def test_what_a_summary_both_affirms_and_negates_is_left_to_the_reader() -> None:
    assert find_unfaithful("I was not angry.", "I was angry, or not angry.") is None


@pytest.mark.parametrize(
    ("word", "digits"),
    [("two", 2), ("twice", 2), ("seven", 7), ("dozen", 12), ("nineteen", 19), ("ninety", 90)],
)
def test_number_words_are_their_numbers(word: str, digits: int) -> None:
    assert find_unfaithful(f"I ran {digits} laps.", f"I ran {word} laps.") is None
    assert (
        find_unfaithful(f"I ran {digits + 1} laps.", f"I ran {word} laps.") is FallbackReason.INVENTED_NUMBER
    )


ORCHARD = "The red apple fell. The green pear rose."


def test_support_is_the_share_of_pairs_that_one_sentence_has() -> None:
    mixed = "The red apple rose and the green pear fell."
    assert supported(ORCHARD, mixed) == pytest.approx(0.6)
    assert find_unfaithful(ORCHARD, mixed, least_supported=0.6) is None
    assert find_unfaithful(ORCHARD, mixed, least_supported=0.61) is FallbackReason.UNSUPPORTED


@pytest.mark.parametrize(
    ("summary", "share"),
    [
        ("Pear apple fell green red.", 0.0),
        ("Pear apple fell green.", 1.0),
        ("Apple. Pear. Snow. Rain.", 0.5),
        ("Pear apple. Green fell.", 1.0),
    ],
)
def test_support_is_judged_from_four_pairs_on(summary: str, share: float) -> None:
    """A sentence of one word counts as a pair."""
    judged = supported("The red apple. The green pear. It fell.", summary)
    assert judged == pytest.approx(share) if share else judged < 0.5


@pytest.mark.parametrize(
    "changed",
    [
        "My brother baked bread slowly at 3pm yesterday evening.",
        "My sister baked bread slowly at 4pm yesterday evening.",
    ],
)
def test_numbers_and_people_do_not_count_as_support(changed: str) -> None:
    """They have checks of their own."""
    assert supported("My sister baked bread slowly at 3pm yesterday evening.", changed) == 1.0
