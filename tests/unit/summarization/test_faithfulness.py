"""The faithfulness guard accepts paraphrases and refuses inventions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.domain.insight import FallbackReason
from functions.summarization.abstracts.faithfulness import find_unfaithful, supported

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
