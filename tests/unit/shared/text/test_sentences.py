"""Sentence segmentation where a reader expects it, without losing a character of prose."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.text.run_ons import MIN_WORDS
from functions.shared.text.sentences import MAX_WORDS, segments, spans, split, split_speech

WRITTEN = [
    ("I slept. Then I woke!", ["I slept.", "Then I woke!"]),
    ("i went home. then i slept", ["i went home.", "then i slept"]),
    ("Why me? Because.", ["Why me?", "Because."]),
    ("Dr. Smith and Mrs. Jones v. St. Mary", ["Dr. Smith and Mrs. Jones v. St. Mary"]),
    ("We met at 6 a.m. and left.", ["We met at 6 a.m. and left."]),
    ("We left at 6 a.m. The sun rose.", ["We left at 6 a.m.", "The sun rose."]),
    ("J. R. R. Tolkien wrote it. So did I.", ["J. R. R. Tolkien wrote it.", "So did I."]),
    ("We won't. Ok.", ["We won't.", "Ok."]),
    ("No. 5 is alive. No. I won't.", ["No. 5 is alive.", "No.", "I won't."]),
    (
        "It costs 3.50 at https://a.b/c?d=e. Mail me@x.com.",
        ["It costs 3.50 at https://a.b/c?d=e.", "Mail me@x.com."],
    ),
    ("I was... not sure. I left... Then I cried…", ["I was... not sure.", "I left...", "Then I cried…"]),
    ("“Really?” she said. “Yes.” I left.", ["“Really?” she said.", "“Yes.”", "I left."]),
    ("(I cried.) He didn't.", ["(I cried.)", "He didn't."]),
    ("So good!! 😂😂 I laughed 🎉 She too", ["So good!! 😂😂", "I laughed 🎉", "She too"]),
    ("I love 😂 this", ["I love 😂 this"]),
    ("a vacation.We went on Node.js 2.0", ["a vacation.", "We went on Node.js 2.0"]),
    (
        "Today:\n- buy milk\n- call mom. She is sad\n1. First",
        ["Today:", "- buy milk", "- call mom.", "She is sad", "1. First"],
    ),
    ("one thought\nanother thought\n\nthe last", ["one thought", "another thought", "the last"]),
    ("今日は疲れた。楽しかった！", ["今日は疲れた。", "楽しかった！"]),
    ("😂 ... !!", ["😂 ... !!"]),
    (" \n\t ", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN)
def test_written_text(text: str, expected: list[str]) -> None:
    assert split(text) == expected


ABBREVIATED = [
    ["On Oct. 9 we moved.", "By Nov. we were home.", "In Dec.", "The heating failed."],
    ["Tues. was hard, and Sat. 12 May harder.", "My cat sat.", "9 of us lay in the sun.", "10 went in."],
    ["Rule 4.2.1. is silly.", "See Section 6.", "It is worse.", "Item 3. on the list too."],
    ["Flight at 7.45 a.m. Friday, so no sleep.", "Home by 11 p.m.", "Thursday was better."],
    ["He works for Bell & Sons Ltd. in Leeds.", "She left Bolt Inc.", "Good."],
    ["We live at No. 12, near Lt. Okoro.", "Will I move?", "No.", "3 reasons, all cats."],
    ["I got a C.", "The others got worse.", "So plan B.", "It failed.", "Vitamin K.", "Every day."],
    ["Anna P.", "We met in May.", "A. B. Petrova wrote; so did Anna P. Weber.", "C.S. Lewis too."],
    ["We ran down Mill St.", "It rained.", "At St. Anne's we stopped."],
    ["Add 3 oz. of butter and 2 lbs. of flour.", "Bake 40 min. at most.", "Eat."],
    ["See pp. 4 and vol. 2, fig. 7.", "I read it, e.g. Chapter one, approx. twice."],
    ['He said "Stop. Go home." and laughed.', "“Fine. I will,” I said.", "I did."],
]


@pytest.mark.parametrize("sentences", ABBREVIATED)
def test_abbreviations_initials_and_titles_end_no_sentence(sentences: list[str]) -> None:
    assert split(" ".join(sentences)) == sentences


BROKEN_NUMBERS = [
    ["It fell by 12. 75% in a week.", "Then it rose."],
    ["I paid $14. 50 for soup.", "It was cold."],
    ["The train left at 6. 15 and I was on it."],
    ["She is 1. 62 tall."],
    ["I only had $5.", "20 friends lent me more."],
    ["We were 12.", "30 chairs stood empty."],
    ["I turned 40.", "41 came sooner than I thought."],
]


@pytest.mark.parametrize("sentences", BROKEN_NUMBERS)
def test_a_number_that_a_recognizer_broke_is_whole(sentences: list[str]) -> None:
    assert split(" ".join(sentences)) == sentences


def test_a_missing_space_after_a_quotation_is_seen() -> None:
    assert split('He said "never".Then he did it.') == ['He said "never".', "Then he did it."]


def test_a_wrapped_line_is_one_sentence() -> None:
    text = "This line was wrapped by a mail program at about seventy\ncharacters, so it runs on.\nA new one"
    first, second = split(text)
    assert first.endswith("seventy\ncharacters, so it runs on.")
    assert second == "A new one"


def test_speech_without_punctuation_is_split_before_clauses() -> None:
    text = " ".join(["i was tired because it rained and then my sister called so i went home"] * 6)
    parts = split(text)
    assert len(parts) > 1
    assert all(part.split()[0] in {"and", "so", "because", "i", "my"} for part in parts)
    assert all(len(part.split()) >= MIN_WORDS for part in parts)


RUN_ONS = [
    ["we drove out to the lake early", "it was so cold", "i jumped in first and screamed"],
    ["i got the letter today", "i was so nervous i could not open it", "she opened it for me"],
    ["it was a long day at work", "my boss was not happy with the report", "i went home and cried"],
    ["the kids were asleep by nine", "we sat on the porch and talked", "it was really nice"],
]


@pytest.mark.parametrize("sentences", RUN_ONS)
def test_dictation_is_cut_where_the_next_sentence_begins(sentences: list[str]) -> None:
    assert split(" ".join(sentences)) == sentences


def test_a_written_sentence_is_not_cut_however_many_clauses_it_has() -> None:
    text = "I told my mother, who had called twice, that I was fine and that she should go to bed and sleep."
    assert split(text) == [text]
    plain = "I told my mother that I was fine and that she should go to bed and I would call her tomorrow."
    assert split(plain) == [plain]


def test_a_short_line_is_not_cut() -> None:
    assert split("i went home and she went too and it rained") == [
        "i went home and she went too and it rained"
    ]


def test_what_is_not_english_is_cut_only_if_it_is_too_long() -> None:
    text = "heute war ein langer tag im büro und ich bin sehr müde und will nur noch schlafen und träumen"
    assert split(text) == [text]
    assert all(len(part.split()) <= MAX_WORDS for part in split(" ".join([text] * 4)))


def test_typed_text_becomes_untimed_segments() -> None:
    text = "I slept. Then I woke!"
    result = segments(text)
    assert " ".join(segment.text for segment in result) == text
    assert all(segment.start is None and segment.end is None for segment in result)


CROWDED = st.text(st.sampled_from("aI b.!?…\n\r\t\"”') -*1,;:😂🎉é。\u2028\ud800@/"), max_size=120)


@given(st.one_of(st.text(), CROWDED))
def test_only_white_space_lies_between_the_sentences_of_speech(text: str) -> None:
    position = 0
    for sentence in split_speech(text):
        start = text.index(sentence, position)
        assert text[position:start].strip() == ""
        assert sentence == sentence.strip() != ""
        position = start + len(sentence)
    assert text[position:].strip() == ""


@given(st.one_of(st.text(), CROWDED))
def test_typed_sentences_are_in_order_and_every_text_has_one(text: str) -> None:
    found = spans(text)
    assert bool(found) == bool(text.strip())
    assert all(start < end for start, end in found)
    assert all(before[1] <= after[0] for before, after in pairwise(found))


@given(st.lists(st.sampled_from(["and", "i", "so,", "rain;", "then", "word", "Mr.", "…"]), max_size=300))
def test_no_sentence_is_longer_than_the_limit(words: list[str]) -> None:
    assert all(len(sentence.split()) <= MAX_WORDS for sentence in split(" ".join(words)))


REPEATED = [
    "!",
    ". ",
    ". . . ",
    "a",
    " ",
    "!a",
    "😂 ",
    "\n",
    "a\n",
    "word ",
    '."',
    "a, ",
    "a.B",
    "e.g. ",
    ".. a",
    "a@",
    "。",
    "A. ",
    "```a\n",
    "~~~\n```\n",
    "<!-- ",
    "<pre>",
    "<p ",
    "[a](",
    "https://a ",
    "| ",
    "| a |\n",
    "|-|\n",
    "- - ",
    "---\na: b\n",
    "i went ",
    'a "b. ',
    "5. 20 ",
]


@pytest.mark.parametrize("unit", REPEATED)
def test_time_is_linear_in_the_length(unit: str) -> None:
    """The longest text allowed takes under 0.1 s; quadratic time would take many seconds."""
    text = (unit * 20_000)[:20_000]
    started = time.process_time()
    spans(text)
    assert time.process_time() - started < 1.5
