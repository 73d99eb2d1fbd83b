"""The emotion stage: an arc over the segments and a classification of the whole, or a reason for neither."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from functions.emotion.model import EmotionModel
from functions.emotion.stage import EmotionWork
from functions.shared.domain.content import Arc, ArcPoint, Embedding, EmptyReason, Segment, Transcript
from functions.shared.domain.entries import Entry, Source, Stage, StageRecord, Status
from functions.shared.domain.stage_work import StageInput, StageResult, StageWork
from functions.shared.errors import LeaseLost, PermanentError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ENTRY = Entry(
    uid="u",
    entry_id="e",
    source=Source.TEXT,
    status=Status.PROCESSING,
    created_at=NOW,
    recorded_at=NOW,
    updated_at=NOW,
)
SPOKEN = (
    Segment(text="A happy train, a glad rain!", start=0.0, end=2.0),
    Segment(text="The table was there.", start=2.0, end=3.5),
    Segment(text="I cried, I was so sad.", start=3.5, end=6.0),
)


@pytest.fixture
def model(tiny_encoder: Path) -> EmotionModel:
    return EmotionModel.load(tiny_encoder)


@pytest.fixture
def work(model: EmotionModel) -> StageWork:
    return EmotionWork(model)


def _run(work: StageWork, transcript: Transcript) -> StageResult:
    return work.run(StageInput(entry=ENTRY, transcript=transcript))


def _transcript(*segments: Segment) -> Transcript:
    return Transcript(text=" ".join(segment.text for segment in segments), segments=segments)


def _arc(result: StageResult) -> Arc:
    return next(piece for piece in result.pieces if isinstance(piece, Arc))


def test_the_entry_has_an_embedding_for_search(work: StageWork) -> None:
    result = _run(work, _transcript(*SPOKEN))
    embedding = next(piece for piece in result.pieces if isinstance(piece, Embedding))
    assert result.findings.embedding_model == embedding.model == "tiny-encoder 1.2.3"
    assert embedding.passages[0].first == 0
    assert embedding.passages[-1].last == len(SPOKEN) - 1


def test_the_arc_has_one_point_per_segment(work: StageWork) -> None:
    points = _arc(_run(work, _transcript(*SPOKEN))).points
    assert [point.segment for point in points] == [0, 1, 2]
    assert points[0].emotions[0].emotion == "joy"
    assert points[2].emotions[0].emotion == "sadness"
    assert points[0].sentiment > 0 > points[2].sentiment


def test_points_that_an_edit_left_stay_and_the_others_are_read(work: StageWork) -> None:
    left = Arc(
        points=(
            ArcPoint(segment=1, emotions=(), sentiment=0.25),
            ArcPoint(segment=9, emotions=(), sentiment=0),
        )
    )
    read = _arc(_run(work, _transcript(*SPOKEN)))
    by = StageRecord(engine="tiny-encoder", model_version="1.2.3")
    edited = replace(ENTRY, stages={Stage.EMOTION: by})
    kept = _arc(work.run(StageInput(entry=edited, transcript=_transcript(*SPOKEN), arc=left)))
    assert kept.points == (read.points[0], left.points[0], read.points[2])
    older = replace(ENTRY, stages={Stage.EMOTION: replace(by, model_version="1.2.2")})
    assert _arc(work.run(StageInput(entry=older, transcript=_transcript(*SPOKEN), arc=left))) == read


def test_the_whole_entry_is_classified_and_attributed_to_its_model(
    work: StageWork, model: EmotionModel
) -> None:
    result = _run(work, _transcript(*SPOKEN))
    expected = model.classify_entry([segment.text for segment in SPOKEN])
    assert work.stage is Stage.EMOTION
    assert (result.engine, result.model_version) == ("tiny-encoder", "1.2.3")
    assert result.findings.emotions == expected.whole.emotions
    assert result.findings.sentiment == expected.whole.sentiment
    assert result.findings.language == "en"
    assert result.empty_reason is None


def test_a_single_sentence_and_its_entry_are_classified_alike(model: EmotionModel) -> None:
    entry = model.classify_entry([SPOKEN[0].text])
    assert entry.whole.emotions == entry.arc.points[0].emotions
    assert entry.whole.sentiment == entry.arc.points[0].sentiment


def test_feelings_and_topics_come_from_their_heads(three_headed: Path) -> None:
    transcript = _transcript(Segment(text="Happy, glad, happy!"), Segment(text="The table was rain."))
    findings = _run(EmotionWork(EmotionModel.load(three_headed)), transcript).findings
    assert findings.feelings is not None
    assert findings.topics is not None
    assert [score.label for score in findings.feelings] == ["happy"]
    assert [score.label for score in findings.topics] == ["home"]
    assert all(0.5 <= score.confidence <= 1 for score in (*findings.feelings, *findings.topics))


def test_without_heads_for_them_there_are_no_feelings_or_topics(work: StageWork) -> None:
    findings = _run(work, _transcript(Segment(text="Happy, happy!"))).findings
    assert findings.emotions
    assert (findings.feelings, findings.topics) == ((), ())


def test_a_transcript_without_segments_is_split_into_sentences(work: StageWork) -> None:
    result = _run(work, Transcript(text="I was happy. The train was sad. I cried."))
    assert len(_arc(result).points) == 3


@pytest.mark.parametrize(
    ("text", "reason", "language"),
    [
        ("… 7!", EmptyReason.NO_WORDS, None),
        ("", EmptyReason.NO_WORDS, None),
        ("Heute war ein langer Tag im Büro.", EmptyReason.UNSUPPORTED_LANGUAGE, "de"),
    ],
)
def test_text_that_cant_be_understood_gets_only_a_reason(
    work: StageWork, text: str, reason: EmptyReason, language: str | None
) -> None:
    result = _run(work, Transcript(text=text))
    assert result.empty_reason is reason
    assert _arc(result) == Arc()
    assert (result.findings.emotions, result.findings.feelings, result.findings.topics) == ((), (), ())
    assert result.findings.sentiment is None
    assert result.findings.language == language


def test_of_a_mixed_entry_only_the_english_sentences_are_read(work: StageWork, model: EmotionModel) -> None:
    french = Segment(text="Nous avons mangé une crêpe devant la cathédrale.", start=2.0, end=3.5)
    result = _run(work, _transcript(SPOKEN[0], french, SPOKEN[2]))
    expected = model.classify_entry([SPOKEN[0].text, SPOKEN[2].text])
    assert [point.segment for point in _arc(result).points] == [0, 2]
    assert result.findings.emotions == expected.whole.emotions
    transcript = next(piece for piece in result.pieces if isinstance(piece, Transcript))
    assert [segment.language for segment in transcript.segments] == [None, "fr", None]
    assert result.findings.words is not None
    assert "crepe" in result.findings.words


def test_a_transcript_in_english_is_not_stored_again(work: StageWork) -> None:
    result = _run(work, _transcript(*SPOKEN))
    assert not [piece for piece in result.pieces if isinstance(piece, Transcript)]
    assert result.findings.words == ()


def test_the_recognized_language_decides_where_the_text_is_too_short(work: StageWork) -> None:
    result = _run(work, Transcript(text="Mama hat angerufen.", language="de"))
    assert result.empty_reason is EmptyReason.UNSUPPORTED_LANGUAGE
    assert (result.findings.language, result.findings.opening) == ("de", "Mama hat angerufen.")


def test_the_transcripts_language_is_kept_if_the_text_is_too_short_to_tell(work: StageWork) -> None:
    assert _run(work, Transcript(text="Happy.", language="en")).findings.language == "en"


def test_an_entry_without_a_transcript_fails_permanently(work: StageWork) -> None:
    with pytest.raises(PermanentError) as raised:
        work.run(StageInput(entry=ENTRY))
    assert raised.value.code == "transcript_missing"


def test_progress_is_reported_and_a_lost_lease_stops_the_stage(work: StageWork) -> None:
    transcript = _transcript(*(Segment(text="A sad rain." + " Rain." * count) for count in range(20)))
    shares: list[float] = []
    work.run(StageInput(entry=ENTRY, transcript=transcript, progress=shares.append))
    assert shares
    assert all(0 < share <= 1 for share in shares)

    def lost(_: float) -> None:
        raise LeaseLost("another worker has it")

    with pytest.raises(LeaseLost):
        work.run(StageInput(entry=ENTRY, transcript=transcript, progress=lost))
