"""The transcription stage with a fake engine: planning, chunks, joining, errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from functions.shared.audio import decoding
from functions.shared.audio.decoding import SAMPLE_RATE
from functions.shared.domain.content import (
    ChunkTranscript,
    EmptyReason,
    LeftOut,
    PartialReason,
    Segment,
    Transcript,
    Word,
)
from functions.shared.domain.entries import Audio, ChunkRecord, Entry, Source, Stage, Status
from functions.shared.domain.stage_work import ReportProgress, StageInput, StageWork
from functions.shared.errors import ArtifactError, PermanentError
from functions.transcription.engine import Recognition
from functions.transcription.stage import TranscriptionWork
from functions.transcription.transcriber import join_recognitions, transcribe_file
from tests.unit.transcription.media import KINDS, encode

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class FakeEngine:
    """Recognizes "beep" at each second whose samples are loud, in English, unless `recognize` is set."""

    name, version, languages = "fake", "7", ("en",)

    def __init__(self, recognize: Callable[[NDArray[np.float32]], Recognition] | None = None) -> None:
        self._recognize = recognize or self._beeps
        self.longest = 0.0
        self.names: list[Sequence[str]] = []

    def transcribe(
        self, samples: NDArray[np.float32], *, progress: ReportProgress, names: Sequence[str] = ()
    ) -> Recognition:
        self.names.append(names)
        self.longest = max(self.longest, len(samples) / SAMPLE_RATE)
        progress(0.5)
        progress(1.0)
        return self._recognize(samples)

    def _beeps(self, samples: NDArray[np.float32]) -> Recognition:
        seconds = range(len(samples) // SAMPLE_RATE)
        loud = [s for s in seconds if np.abs(samples[s * SAMPLE_RATE :][:SAMPLE_RATE]).max() > 0.1]
        words = [Word(text="beep", start=second, end=second + 1) for second in loud]
        segments = tuple(Segment(text="beep", start=w.start, end=w.end, words=(w,)) for w in words)
        reason = None if segments else EmptyReason.NO_SPEECH
        return Recognition(segments=segments, language="en" if segments else None, empty_reason=reason)


def entry(
    *,
    chunks: tuple[ChunkRecord, ...] = (),
    partial_audio: bool = False,
    partial_reason: PartialReason | None = None,
    duration_s: float | None = None,
) -> Entry:
    return Entry(
        uid="u",
        entry_id="e",
        source=Source.VOICE,
        status=Status.PROCESSING,
        created_at=NOW,
        recorded_at=NOW,
        updated_at=NOW,
        chunks=chunks,
        partial_audio=partial_audio,
        partial_reason=partial_reason,
        audio=Audio(object="a", generation=1, content_type="audio/wav", size=1, duration_s=duration_s),
    )


def beeping(path: Path, duration: int, every: int, kind: str = "piped wav") -> Path:
    sound = np.zeros(duration * SAMPLE_RATE, np.float32)
    for second in range(every, duration - 1, every):
        sound[round((second + 0.2) * SAMPLE_RATE) : round((second + 0.8) * SAMPLE_RATE)] = 0.5
    return encode(sound, path, KINDS[kind])


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return beeping(tmp_path_factory.mktemp("long") / "audio", 780, 10)


def test_it_implements_the_transcription_stage() -> None:
    work: StageWork = TranscriptionWork(FakeEngine())
    assert work.stage is Stage.TRANSCRIPTION


def test_a_short_recording_is_transcribed_whole(tmp_path: Path) -> None:
    shares: list[float] = []
    job = StageInput(entry=entry(), audio=beeping(tmp_path / "a", 20, 6, "webm"), progress=shares.append)
    result = TranscriptionWork(FakeEngine()).run(job)
    (transcript,) = result.pieces
    assert isinstance(transcript, Transcript)
    assert (transcript.text, transcript.language) == ("beep beep beep", "en")
    assert transcript.duration_s == pytest.approx(20, abs=0.05)
    assert (result.engine, result.model_version, result.plan, result.empty_reason) == (
        "fake",
        "7",
        (),
        None,
    )
    assert result.findings.language == "en"
    assert result.findings.duration_s == transcript.duration_s
    assert result.findings.partial_audio is False
    assert shares == [0.5, 1.0]


def test_a_long_recording_goes_through_its_chunks_and_loses_nothing(long: Path) -> None:
    engine = FakeEngine()
    work = TranscriptionWork(engine)
    planned = work.run(StageInput(entry=entry(), audio=long))
    assert planned.pieces == ()
    assert planned.findings.duration_s == pytest.approx(780)
    chunked = entry(chunks=tuple(ChunkRecord(start=start, end=end) for start, end in planned.plan))
    pieces = []
    for index in reversed(range(len(planned.plan))):
        (piece,) = work.run(StageInput(entry=chunked, chunk=index, audio=long)).pieces
        assert isinstance(piece, ChunkTranscript)
        pieces.append(piece)
    result = work.run(StageInput(entry=chunked, chunk_transcripts=tuple(pieces)))
    (transcript,) = result.pieces
    assert isinstance(transcript, Transcript)
    starts = [segment.start for segment in transcript.segments if segment.start is not None]
    assert starts == pytest.approx(range(10, 779, 10), abs=1.01)
    assert [segment.words[0].start for segment in transcript.segments] == starts
    assert transcript.duration_s == pytest.approx(780)
    assert engine.longest <= 300


def test_a_long_file_is_transcribed_in_chunks_like_a_short_one(long: Path) -> None:
    shares: list[float] = []
    engine = FakeEngine()
    transcript, reason = transcribe_file(engine, long, progress=shares.append)
    assert (len(transcript.segments), reason) == (77, None)
    assert engine.longest <= 300
    assert all(before < after for before, after in pairwise(shares))
    assert shares[-1] == 1.0


def test_a_recording_that_broke_off_is_marked_partial(tmp_path: Path) -> None:
    whole = beeping(tmp_path / "a", 60, 6, "live webm").read_bytes()
    (tmp_path / "b").write_bytes(whole[: len(whole) // 2])
    result = TranscriptionWork(FakeEngine()).run(StageInput(entry=entry(), audio=tmp_path / "b"))
    (transcript,) = result.pieces
    assert isinstance(transcript, Transcript)
    assert (transcript.partial, transcript.partial_reason) == (True, PartialReason.ENDS_EARLY)
    assert result.findings.partial_audio is True
    assert result.findings.partial_reason is PartialReason.ENDS_EARLY


def test_the_duration_on_the_entry_is_used_without_probing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(decoding, "probe")
    received = entry(duration_s=20.0, partial_audio=True, partial_reason=PartialReason.UNREADABLE_PART)
    result = TranscriptionWork(FakeEngine()).run(
        StageInput(entry=received, audio=beeping(tmp_path / "a", 20, 6))
    )
    assert (result.findings.duration_s, result.findings.partial_audio) == (20.0, True)
    (transcript,) = result.pieces
    assert isinstance(transcript, Transcript)
    assert transcript.text == "beep beep beep"
    assert transcript.partial_reason is result.findings.partial_reason is PartialReason.UNREADABLE_PART


def test_a_long_recording_that_broke_off_stays_partial_when_joined(long: Path, tmp_path: Path) -> None:
    sound = encode(np.zeros(700 * SAMPLE_RATE, np.float32), tmp_path / "flac", KINDS["flac"]).read_bytes()
    (tmp_path / "cut").write_bytes(sound[: int(len(sound) * 0.95)])
    work = TranscriptionWork(FakeEngine())
    planned = work.run(StageInput(entry=entry(), audio=tmp_path / "cut"))
    assert planned.plan
    assert planned.findings.partial_audio is True
    why = planned.findings.partial_reason
    assert why is not None
    chunked = entry(partial_audio=True, partial_reason=why, chunks=(ChunkRecord(start=0, end=9),))
    result = work.run(StageInput(entry=chunked, chunk_transcripts=(ChunkTranscript(index=0),)))
    assert (result.findings.partial_audio, result.findings.partial_reason) == (True, why)
    assert result.empty_reason is EmptyReason.NO_SPEECH


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "empty_audio"), (b"Dear diary, " * 99, "undecodable_audio")]
)
def test_an_unusable_recording_fails_permanently_with_its_code(
    tmp_path: Path, content: bytes, code: str
) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(PermanentError) as raised:
        TranscriptionWork(FakeEngine()).run(StageInput(entry=entry(), audio=tmp_path / "a"))
    assert raised.value.code == code


def test_a_recording_that_is_too_long_fails_permanently(tmp_path: Path) -> None:
    work = TranscriptionWork(FakeEngine(), max_duration_s=10)
    with pytest.raises(PermanentError) as raised:
        work.run(StageInput(entry=entry(), audio=beeping(tmp_path / "a", 12, 5)))
    assert raised.value.code == "audio_too_long"


@pytest.mark.parametrize(
    ("job", "code"),
    [
        (StageInput(entry=entry()), "audio_missing"),
        (StageInput(entry=entry(), audio=Path("a"), chunk=0), "chunk_unknown"),
        (StageInput(entry=entry(chunks=(ChunkRecord(start=0, end=1),))), "transcript_missing"),
    ],
)
def test_an_incomplete_input_fails_permanently(job: StageInput, code: str) -> None:
    with pytest.raises(PermanentError) as raised:
        TranscriptionWork(FakeEngine()).run(job)
    assert raised.value.code == code


def recognition(*texts: str, language: str = "en") -> Recognition:
    return Recognition(segments=tuple(Segment(text=text) for text in texts), language=language)


SILENCE = Recognition(empty_reason=EmptyReason.NO_SPEECH)
FOREIGN = Recognition(empty_reason=EmptyReason.UNSUPPORTED_LANGUAGE)
WORDLESS = Recognition(empty_reason=EmptyReason.NO_WORDS)


def test_empty_parts_do_not_make_the_transcript_empty() -> None:
    transcript, reason = join_recognitions(
        [SILENCE, recognition("One.", "Two."), FOREIGN, recognition("Drei.", language="de")], 9.0
    )
    assert (transcript.text, transcript.language, reason) == ("One. Two. Drei.", "en", None)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([SILENCE, FOREIGN, WORDLESS], EmptyReason.UNSUPPORTED_LANGUAGE),
        ([SILENCE, WORDLESS], EmptyReason.NO_WORDS),
        ([SILENCE, SILENCE], EmptyReason.NO_SPEECH),
        ([], EmptyReason.NO_SPEECH),
    ],
)
def test_of_several_reasons_the_most_specific_is_given(parts: list[Recognition], reason: EmptyReason) -> None:
    transcript, empty_reason = join_recognitions(parts, 1.0)
    assert (transcript.text, transcript.segments, transcript.language, empty_reason) == ("", (), None, reason)


def test_what_was_left_out_is_found_in_the_entry(tmp_path: Path) -> None:
    marked = Segment(text="[unclear]", start=1.0, end=2.0, left_out=LeftOut.UNCLEAR)
    recognized = Recognition(segments=(Segment(text="Yes.", start=0.0, end=1.0), marked), language="en")
    path = beeping(tmp_path / "audio", 5, 2)
    result = TranscriptionWork(FakeEngine(lambda _: recognized)).run(StageInput(entry=entry(), audio=path))
    assert result.findings.left_out is True
    (transcript,) = result.pieces
    assert isinstance(transcript, Transcript)
    assert transcript.text == "Yes. [unclear]"


def test_the_engine_that_the_user_asks_for_transcribes(tmp_path: Path) -> None:
    other = FakeEngine(lambda _: Recognition(segments=(Segment(text="other"),), language="en"))
    work = TranscriptionWork(FakeEngine(), load=lambda name: other)
    asked = msgspec.structs.replace(entry(), requested_engine="whisper")
    result = work.run(StageInput(entry=asked, audio=beeping(tmp_path / "audio", 5, 2)))
    (transcript,) = result.pieces
    assert isinstance(transcript, Transcript)
    assert transcript.text == "other"


def test_an_engine_that_is_not_installed_fails_the_stage(tmp_path: Path) -> None:
    def missing(name: str) -> FakeEngine:
        raise ArtifactError("no model")

    asked = msgspec.structs.replace(entry(), requested_engine="whisper")
    with pytest.raises(PermanentError) as failed:
        TranscriptionWork(FakeEngine(), load=missing).run(StageInput(entry=asked, audio=tmp_path))
    assert failed.value.code == "engine_unavailable"


def test_the_names_of_the_user_reach_the_engine_in_every_chunk(long: Path) -> None:
    engine = FakeEngine()
    work = TranscriptionWork(engine)
    chunks = work.run(StageInput(entry=entry(), audio=long)).plan
    records = tuple(ChunkRecord(start=start, end=end) for start, end in chunks)
    names = ("Zorvath", "Brinmoor")
    work.run(StageInput(entry=entry(chunks=records), chunk=1, audio=long, names=names))
    assert engine.names == [names]
