"""Editing a spoken transcript: which sentences keep their times, and which times the others get."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.shared.audio import subtitles
from functions.shared.domain.content import LeftOut, PartialReason, Segment, Transcript, Uncertainty, Word
from functions.shared.text.retiming import edited_transcript
from functions.shared.text.sentences import segments as typed_segments

Times = list[tuple[float, float]]


def spoken(*sentences: str, times: Times | None = None, duration_s: float = 60.0) -> Transcript:
    """Each sentence lasts two seconds and is followed by a pause of one."""
    spans = times or [(3.0 * index, 3.0 * index + 2.0) for index in range(len(sentences))]
    segments = tuple(
        Segment(text=text, start=start, end=end, confidence=0.9)
        for text, (start, end) in zip(sentences, spans, strict=True)
    )
    return joined(segments, duration_s)


def joined(segments: tuple[Segment, ...], duration_s: float) -> Transcript:
    text = " ".join(segment.text for segment in segments)
    return Transcript(text=text, segments=segments, language="en", duration_s=duration_s)


def times_of(transcript: Transcript) -> list[tuple[str, float | None, float | None]]:
    return [(segment.text, segment.start, segment.end) for segment in transcript.segments]


DAY = spoken("We got up late.", "The train was full.", "I was so tired.", "Then it rained.")


def test_a_corrected_word_leaves_every_other_sentence_as_it_was() -> None:
    edited = edited_transcript(DAY, DAY.text.replace("train", "tram"))
    assert times_of(edited)[1] == ("The tram was full.", 3.0, 5.0)
    assert [edited.segments[i] for i in (0, 2, 3)] == [DAY.segments[i] for i in (0, 2, 3)]
    assert (edited.language, edited.duration_s) == ("en", 60.0)


@pytest.mark.parametrize("word", ["We", "late", "tired", "rained"])
def test_a_corrected_word_at_the_edge_of_a_sentence_does_not_move_the_sentence(word: str) -> None:
    edited = edited_transcript(DAY, DAY.text.replace(word, "Something"))
    assert [times[1:] for times in times_of(edited)] == [times[1:] for times in times_of(DAY)]


def test_words_added_to_a_sentence_do_not_stretch_it_over_the_pauses() -> None:
    text = DAY.text.replace("The train was full.", "And so the train was full to the doors.")
    edited = edited_transcript(DAY, text)
    assert times_of(edited)[1] == ("And so the train was full to the doors.", 3.0, 5.0)


def test_a_deleted_sentence_takes_its_time_with_it() -> None:
    edited = edited_transcript(DAY, "We got up late. I was so tired. Then it rained.")
    assert edited.segments == (DAY.segments[0], *DAY.segments[2:])


def test_an_inserted_sentence_is_in_the_pause_between_its_neighbors() -> None:
    edited = edited_transcript(DAY, DAY.text.replace("I was", "Very full. I was"))
    _, start, end = times_of(edited)[2]
    assert start == 5.0
    assert end is not None
    assert 5.0 < end <= 6.0
    assert [s for s in edited.segments if s.text != "Very full."] == list(DAY.segments)


@pytest.mark.parametrize(("text", "place"), [("Good morning. {}", 0), ("{} Good night.", 4)])
def test_sentences_before_the_first_and_behind_the_last_are_next_to_them(text: str, place: int) -> None:
    late = spoken(
        "We got up.",
        "I was tired.",
        "It rained.",
        "So be it.",
        times=[(20, 21), (22, 23), (24, 25), (26, 27)],
    )
    edited = edited_transcript(late, text.format(late.text))
    _, start, end = times_of(edited)[place]
    assert start is not None
    assert end is not None
    assert (18 < start < end == 20) if place == 0 else (27 == start < end < 29)


def test_merged_sentences_last_from_the_first_to_the_last() -> None:
    edited = edited_transcript(DAY, DAY.text.replace("full. I", "full, and I"))
    assert times_of(edited)[1] == ("The train was full, and I was so tired.", 3.0, 8.0)
    assert (edited.segments[0], edited.segments[2]) == (DAY.segments[0], DAY.segments[3])


def test_a_removed_full_stop_merges_sentences_that_did_not_change_otherwise() -> None:
    edited = edited_transcript(DAY, DAY.text.replace("late. The", "late, The"))
    assert times_of(edited)[0] == ("We got up late, The train was full.", 0.0, 5.0)


def test_a_split_sentence_is_cut_where_its_words_were_said() -> None:
    long = spoken("We got up late and the train was full.", "It rained.", times=[(0, 8), (10, 12)])
    edited = edited_transcript(long, "We got up late. And the train was full. It rained.")
    (_, start, middle), (_, then, end), last = times_of(edited)
    assert (start, end, last) == (0.0, 8.0, ("It rained.", 10, 12))
    assert middle == pytest.approx(8 * 14 / 38, abs=0.2)
    assert then is not None
    assert middle is not None
    assert middle <= then <= middle + 1.5


def test_of_equal_sentences_the_right_one_is_deleted() -> None:
    said = spoken("I was glad.", "I was sad.", "I was glad.")
    assert edited_transcript(said, "I was sad. I was glad.").segments == said.segments[1:]
    assert edited_transcript(said, "I was glad. I was sad.").segments == said.segments[:2]


def test_phrases_without_punctuation_stay_apart_when_one_changes() -> None:
    said = spoken("so we left", "it rained all day", "and nobody came")
    edited = edited_transcript(said, "so we stayed it rained all day and nobody came")
    assert times_of(edited)[0] == ("so we stayed", 0.0, 2.0)
    assert edited.segments[1:] == said.segments[1:]


def test_a_phrase_inserted_before_one_with_the_same_words_does_not_take_its_time() -> None:
    said = spoken("so we left", "it rained all day")
    edited = edited_transcript(said, "so we left it snowed all day\nit rained all day")
    assert edited.segments[-1] == said.segments[1]


def test_another_text_shares_the_time_that_was_spoken() -> None:
    edited = edited_transcript(DAY, "Nothing of that is true. Forget it!")
    (_, start, middle), (_, then, end) = times_of(edited)
    assert (start, end) == (0.0, 11.0)
    assert middle == then
    paired = edited_transcript(DAY, "He ran off. Nobody came. Why? Who knows.")
    assert [times[1:] for times in times_of(paired)] == [times[1:] for times in times_of(DAY)]


def test_an_empty_text_has_no_sentences() -> None:
    assert edited_transcript(DAY, "") == replace(DAY, text="", segments=())
    assert edited_transcript(DAY, " \n").segments == ()


def test_text_without_times_stays_without() -> None:
    typed = Transcript(text="One. Two.", segments=typed_segments("One. Two."))
    for before in (typed, None, Transcript(text="")):
        assert edited_transcript(before, "One. Three.") == Transcript(
            text="One. Three.", segments=typed_segments("One. Three.")
        )


def test_what_the_recording_lacks_is_still_said() -> None:
    partial = replace(DAY, partial=True, partial_reason=PartialReason.ENDS_EARLY)
    edited = edited_transcript(partial, DAY.text.replace("train", "tram"))
    assert (edited.partial, edited.partial_reason) == (True, PartialReason.ENDS_EARLY)


# -- doubtful words -----------------------------------------------------------------------------

FOREIGN = Segment(text="[another language]", start=3.0, end=6.0, left_out=LeftOut.UNSUPPORTED_LANGUAGE)
DOUBTFUL = joined(
    (
        Segment(text="We met at the mill.", start=0.0, end=2.0, uncertain=Uncertainty.UNSURE),
        FOREIGN,
        Segment(text="Then we left.", start=7.0, end=8.0, uncertain=Uncertainty.FAINT),
    ),
    10.0,
)


def test_markers_and_doubts_survive_a_change_elsewhere() -> None:
    edited = edited_transcript(DOUBTFUL, DOUBTFUL.text.replace("Then we left", "Then I left"))
    assert edited.segments[:2] == DOUBTFUL.segments[:2]
    assert edited.segments[2] == Segment(text="Then I left.", start=7.0, end=8.0)


def test_words_in_place_of_a_marker_get_its_time() -> None:
    edited = edited_transcript(DOUBTFUL, DOUBTFUL.text.replace("[another language]", "Bonjour, Marie."))
    assert edited.segments[1] == Segment(text="Bonjour, Marie.", start=3.0, end=6.0)
    assert (edited.segments[0], edited.segments[2]) == (DOUBTFUL.segments[0], DOUBTFUL.segments[2])


def test_a_deleted_marker_is_gone() -> None:
    edited = edited_transcript(DOUBTFUL, DOUBTFUL.text.replace("[another language] ", ""))
    assert edited.segments == (DOUBTFUL.segments[0], DOUBTFUL.segments[2])


def test_words_beside_a_marker_do_not_become_part_of_it() -> None:
    edited = edited_transcript(DOUBTFUL, DOUBTFUL.text.replace("language] Then", "language] she said Then"))
    assert edited.segments[1] == FOREIGN


# -- times of words -----------------------------------------------------------------------------


def with_words(transcript: Transcript) -> Transcript:
    """The transcript with words that share the time of their sentences evenly."""
    segments = []
    for segment in transcript.segments:
        assert segment.start is not None
        assert segment.end is not None
        texts = segment.text.split()
        step = (segment.end - segment.start) / len(texts)
        words = tuple(
            Word(
                text=text,
                start=min(segment.start + step * i, segment.end),
                end=min(segment.start + step * (i + 1), segment.end),
                probability=0.8,
            )
            for i, text in enumerate(texts)
        )
        segments.append(replace(segment, words=words))
    return replace(transcript, segments=tuple(segments))


def test_words_that_stay_keep_their_times() -> None:
    said = with_words(DAY)
    edited = edited_transcript(said, DAY.text.replace("The train was full.", "The tram was quite full."))
    assert [edited.segments[i] for i in (0, 2, 3)] == [said.segments[i] for i in (0, 2, 3)]
    words = edited.segments[1].words
    assert [word.text for word in words] == ["The", "tram", "was", "quite", "full."]
    before = {word.text: (word.start, word.end) for word in said.segments[1].words}
    assert {word.text: (word.start, word.end) for word in words if word.text in before} == {
        text: before[text] for text in ("The", "was", "full.")
    }
    assert (words[1].start, words[1].end) == before["train"]


def test_characters_without_spaces_are_words() -> None:
    words = tuple(Word(text=text, start=i, end=i + 1) for i, text in enumerate("今天下雨。"))
    said = joined((Segment(text="今天下雨。", start=0, end=5, words=words),), 5.0)
    edited = edited_transcript(said, "今天下雪。")
    assert [(word.text, word.start, word.end) for word in edited.segments[0].words] == [
        ("今", 0, 1),
        ("天", 1, 2),
        ("下", 2, 3),
        ("雪。", 3, 5),
    ]


# -- any edit -----------------------------------------------------------------------------------

VOCABULARY = st.sampled_from(
    ["no", "yes", "I", "was", "so", "tired", "Kamala", "3.14", "don't", "né", "雨", "—"]
)
ENDS = st.sampled_from([".", "!", "?", "…", "", "", ' "', ",", " 🙂"])
SENTENCES = st.builds(
    lambda words, end: " ".join(words) + end, st.lists(VOCABULARY, min_size=1, max_size=6), ENDS
)
DOUBTS = st.sampled_from([None, None, Uncertainty.FAINT, LeftOut.UNCLEAR])


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    segments, at = [], 0.0
    for text in draw(st.lists(SENTENCES, min_size=1, max_size=8)):
        start = round(at + draw(st.floats(0, 3)), 2)
        at = round(start + draw(st.floats(0, 4)), 2)
        doubt = draw(DOUBTS)
        segment = Segment(text=text, start=start, end=at)
        if isinstance(doubt, LeftOut):
            segment = replace(segment, text="[unclear]", left_out=doubt)
        elif doubt is not None:
            segment = replace(segment, uncertain=doubt)
        segments.append(segment)
    said = joined(tuple(segments), round(at + draw(st.floats(0, 3)), 3))
    return with_words(said) if draw(st.booleans()) else said


@st.composite
def edits(draw: st.DrawFn) -> tuple[Transcript, str]:
    """A transcript, and a text made from it by cutting, inserting and moving parts at any character."""
    said = draw(transcripts())
    text = said.text
    inserted = st.one_of(
        SENTENCES, st.sampled_from([" ", "\n\n", ". ", "[unclear]", "---"]), st.text(max_size=8)
    )
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 12)))
        text = text[:start] + draw(st.one_of(st.just(""), inserted)) + text[end:]
    return said, text


@settings(max_examples=200, deadline=None)
@given(edits())
@example((spoken("no", "no", "no"), "no no no no"))
@example((spoken("I.", "—", "I."), "I. — I."))
def test_times_ascend_within_the_recording_and_the_text_is_what_was_typed(
    edit: tuple[Transcript, str],
) -> None:
    said, text = edit
    edited = edited_transcript(said, text)
    assert edited.text == text
    at, heard, duration_s = 0, 0.0, said.duration_s or 0.0
    for segment in edited.segments:
        at = text.index(segment.text, at) + len(segment.text)
        assert segment.start is not None
        assert segment.end is not None
        assert heard <= segment.start <= segment.end <= duration_s
        heard = segment.end
        instants = [time for word in segment.words for time in (word.start, word.end)]
        assert all(before <= after for before, after in pairwise([segment.start, *instants, segment.end]))
    assert subtitles.srt(edited).count("-->") == len(edited.segments)


@settings(max_examples=100, deadline=None)
@given(edits())
def test_doubts_stay_only_with_what_was_said(edit: tuple[Transcript, str]) -> None:
    said, text = edit
    kept = [s for s in edited_transcript(said, text).segments if s.uncertain or s.left_out]
    before = iter(said.segments)
    assert all(segment in before for segment in kept)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["No.", "Yes!", "I was so tired."]), min_size=1, max_size=8), st.data())
def test_sentences_that_are_not_replaced_are_as_they_were(texts: list[str], data: st.DataObject) -> None:
    said = spoken(*texts)
    replaced = data.draw(st.sets(st.integers(0, len(texts) - 1), max_size=3))
    others = iter(["Alpha.", "Beta gamma.", "Delta!"])
    written = [next(others) if i in replaced else s.text for i, s in enumerate(said.segments)]
    edited = edited_transcript(said, " ".join(written))
    assert [(s.start, s.end) for s in edited.segments] == [(s.start, s.end) for s in said.segments]
    assert all(edited.segments[i] == s for i, s in enumerate(said.segments) if i not in replaced)


@settings(max_examples=100, deadline=None)
@given(transcripts())
def test_the_same_text_changes_nothing(said: Transcript) -> None:
    spoken_words = [segment for segment in said.segments if any(map(str.isalnum, segment.text))]
    assert [s for s in edited_transcript(said, said.text).segments if s in spoken_words] == spoken_words


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["no"] * 20_000, ["no"] * 10_000 + ["yes"] + ["no"] * 9_000),
        ([f"w{i}" for i in range(9000)], [f"w{i * 7 % 9000}" for i in range(9000)]),
        ([f"w{i % 60}" for i in range(9000)], [f"w{i * 11 % 60}" for i in range(9000)]),
    ],
    ids=["one word", "shuffled", "few words"],
)
def test_a_long_text_is_aligned_in_seconds(before: list[str], after: list[str]) -> None:
    sentences = [" ".join(before[i : i + 10]) for i in range(0, len(before), 10)]
    said = spoken(*sentences, duration_s=1e6)
    began = time.process_time()
    edited = edited_transcript(said, " ".join(after))
    assert time.process_time() - began < 10
    assert edited.segments[0].start is not None
