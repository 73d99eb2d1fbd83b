"""Fake stages without models: results depend on the content alone, so that repeats can be compared.

A recording's text selects its behaviour: `long:3 …` is planned as three chunks, `silence` has no speech,
`broken` cannot be decoded; anything else is its own transcript.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from functions.shared.domain.content import (
    Arc,
    ArcPoint,
    ChunkTranscript,
    EmotionScore,
    EmptyReason,
    LabelScore,
    Segment,
    Transcript,
)
from functions.shared.domain.entries import Stage
from functions.shared.domain.insight import Summary
from functions.shared.domain.stage_work import EntryFindings, StageInput, StageResult, StageWork
from functions.shared.errors import PermanentError

Before = Callable[[Stage, StageInput], None]
"""Called when a stage begins; may raise or wait."""


def no_op(stage: Stage, job: StageInput) -> None:
    """Lets the stage proceed."""


class FakeStage:
    """A stage whose result is computed by a function."""

    def __init__(self, stage: Stage, run: Callable[[StageInput], StageResult], before: Before) -> None:
        self._stage = stage
        self._run = run
        self._before = before

    @property
    def stage(self) -> Stage:
        return self._stage

    def run(self, job: StageInput) -> StageResult:
        self._before(self._stage, job)
        return self._run(job)


def fake_stages(before: Before = no_op) -> Mapping[Stage, Callable[[], StageWork]]:
    """All three stages, in the form that Pipeline expects."""
    runs = {
        Stage.TRANSCRIPTION: _transcribe,
        Stage.EMOTION: _detect_emotions,
        Stage.SUMMARIZATION: _summarize,
    }

    def builder(stage: Stage) -> Callable[[], StageWork]:
        return lambda: FakeStage(stage, runs[stage], before)

    return {stage: builder(stage) for stage in runs}


def chunk_words(index: int) -> str:
    return f"part {index}."


def _result(
    findings: EntryFindings,
    *pieces: Transcript | Arc | ChunkTranscript,
    empty: EmptyReason | None = None,
    plan: tuple[tuple[float, float], ...] = (),
) -> StageResult:
    return StageResult(
        engine="toy", model_version="1", findings=findings, pieces=pieces, empty_reason=empty, plan=plan
    )


def _transcribe(job: StageInput) -> StageResult:
    if job.chunk is not None:
        words = Segment(text=chunk_words(job.chunk), start=60.0 * job.chunk, end=60.0 * (job.chunk + 1))
        return _result(EntryFindings(), ChunkTranscript(index=job.chunk, segments=(words,)))
    if job.chunk_transcripts:
        segments = tuple(segment for chunk in job.chunk_transcripts for segment in chunk.segments)
        return _transcribed(" ".join(segment.text for segment in segments), segments)
    assert job.audio is not None
    content = job.audio.read_text()
    if content.startswith("broken"):
        raise PermanentError("the recording cannot be decoded", code="undecodable_audio")
    if content.startswith("silence"):
        return _result(EntryFindings(duration_s=1.0), Transcript(text=""), empty=EmptyReason.NO_SPEECH)
    if content.startswith("long:"):
        count = int(content.removeprefix("long:").split()[0])
        return _result(
            EntryFindings(duration_s=60.0 * count),
            plan=tuple((60.0 * i, 60.0 * (i + 1)) for i in range(count)),
        )
    return _transcribed(content, (Segment(text=content, start=0.0, end=1.0),))


def _transcribed(text: str, segments: tuple[Segment, ...]) -> StageResult:
    transcript = Transcript(text=text, segments=segments, language="en", duration_s=segments[-1].end)
    return _result(EntryFindings(language="en", duration_s=segments[-1].end), transcript)


def _label(label: str) -> LabelScore:
    return LabelScore(label=label, confidence=0.5)


def _detect_emotions(job: StageInput) -> StageResult:
    assert job.transcript is not None
    score = EmotionScore(emotion="joy", confidence=0.5)
    return _result(
        EntryFindings(
            emotions=(score,),
            feelings=(_label("happy"),),
            topics=(_label(job.transcript.text),),
            sentiment=0.5,
        ),
        Arc(points=(ArcPoint(segment=0, emotions=(score,), sentiment=0.5),)),
    )


def _summarize(job: StageInput) -> StageResult:
    assert job.transcript is not None
    return _result(EntryFindings(summary=Summary(text=job.transcript.text, engine="toy")))
