"""The transcription stage: a recording to its transcript; long recordings chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from functions.shared.audio import decoding
from functions.shared.domain.content import ChunkTranscript, EmptyReason, PartialReason, Piece, Transcript
from functions.shared.domain.entries import Entry, Stage
from functions.shared.domain.stage_work import EntryFindings, StageInput, StageResult
from functions.shared.errors import ArtifactError, ConfigurationError, InvalidRequest, PermanentError
from functions.shared.runtime.settings import SpeechEngine
from functions.transcription.chunking import Spans, plan_chunks
from functions.transcription.engine import Engine
from functions.transcription.transcriber import join_recognitions, transcribe_span

LoadEngine = Callable[[SpeechEngine], Engine]


class TranscriptionWork:
    """Runs a speech recognition engine over an entry's recording. Implements StageWork."""

    stage = Stage.TRANSCRIPTION

    def __init__(
        self,
        engine: Engine,
        *,
        max_duration_s: float = decoding.MAX_DURATION_S,
        load: LoadEngine | None = None,
    ) -> None:
        """`load` loads the engine that an entry asks for by name, if it is not `engine`."""
        self._engine = engine
        self._max_duration_s = max_duration_s
        self._load = load

    def run(self, stage_input: StageInput) -> StageResult:
        """Transcribe a short recording, plan the chunks of a long one, transcribe one chunk, or join them.

        Raises:
            PermanentError: with the code of `decoding.probe` when the recording can't be transcribed;
                `audio_missing`, `chunk_unknown` or `transcript_missing` when the input is incomplete;
                `engine_unavailable` when the engine that the entry asks for is not installed.
        """
        engine = self._requested(stage_input.entry)
        if engine is not self._engine:
            return TranscriptionWork(engine, max_duration_s=self._max_duration_s).run(stage_input)
        if stage_input.entry.chunks and stage_input.chunk is None:
            return self._join_chunks(stage_input)
        if stage_input.audio is None:
            raise PermanentError("the entry has no recording", code="audio_missing")
        with _refusals_permanent():
            if stage_input.chunk is None:
                return self._transcribe_or_plan(stage_input, stage_input.audio)
            return self._transcribe_chunk(stage_input, stage_input.chunk, stage_input.audio)

    def _requested(self, entry: Entry) -> Engine:
        if entry.requested_engine is None or self._load is None:
            return self._engine
        try:
            return self._load(entry.requested_engine)
        except (ArtifactError, ConfigurationError) as error:
            raise PermanentError(
                "the requested speech engine is not installed", code="engine_unavailable"
            ) from error

    def _transcribe_or_plan(self, stage_input: StageInput, path: Path) -> StageResult:
        duration_s, partial, why = self._duration(stage_input.entry, path)
        spans = plan_chunks(path, duration_s)
        if len(spans) > 1:
            findings = EntryFindings(duration_s=duration_s, partial_audio=partial, partial_reason=why)
            return self._result(findings, plan=spans)
        recognition = transcribe_span(
            self._engine, path, *spans[0], progress=stage_input.progress, names=stage_input.names
        )
        return self._transcript(*join_recognitions([recognition], duration_s, partial=partial, why=why))

    def _duration(self, entry: Entry, path: Path) -> tuple[float, bool, PartialReason | None]:
        """Duration in seconds, whether the recording is partial, and why.

        It is probed unless the API has done so.
        """
        if entry.audio is not None and entry.audio.duration_s is not None:
            return entry.audio.duration_s, entry.partial_audio, entry.partial_reason
        info = decoding.probe(path, max_duration_s=self._max_duration_s)
        return info.duration_s, info.partial, info.partial_reason

    def _transcribe_chunk(self, stage_input: StageInput, index: int, path: Path) -> StageResult:
        if not 0 <= index < len(stage_input.entry.chunks):
            raise PermanentError("the recording has no such chunk", code="chunk_unknown")
        chunk = stage_input.entry.chunks[index]
        recognition = transcribe_span(
            self._engine,
            path,
            chunk.start,
            chunk.end,
            progress=stage_input.progress,
            names=stage_input.names,
        )
        transcript = ChunkTranscript(
            index=index,
            segments=recognition.segments,
            language=recognition.language,
            empty_reason=recognition.empty_reason,
        )
        return self._result(EntryFindings(), transcript)

    def _join_chunks(self, stage_input: StageInput) -> StageResult:
        chunks = sorted(stage_input.chunk_transcripts, key=lambda chunk: chunk.index)
        if {chunk.index for chunk in chunks} != set(range(len(stage_input.entry.chunks))):
            raise PermanentError("a chunk of the recording has no transcript", code="transcript_missing")
        entry = stage_input.entry
        partial = entry.partial_audio or any(chunk.partial for chunk in chunks)
        return self._transcript(
            *join_recognitions(chunks, entry.chunks[-1].end, partial=partial, why=entry.partial_reason)
        )

    def _transcript(self, transcript: Transcript, empty_reason: EmptyReason | None) -> StageResult:
        findings = EntryFindings(
            language=transcript.language,
            duration_s=transcript.duration_s,
            partial_audio=transcript.partial,
            partial_reason=transcript.partial_reason,
            left_out=any(segment.left_out is not None for segment in transcript.segments),
        )
        return self._result(findings, transcript, empty_reason=empty_reason)

    def _result(
        self,
        findings: EntryFindings,
        *pieces: Piece,
        empty_reason: EmptyReason | None = None,
        plan: Spans = (),
    ) -> StageResult:
        return StageResult(
            engine=self._engine.name,
            model_version=self._engine.version,
            findings=findings,
            pieces=pieces,
            empty_reason=empty_reason,
            plan=plan,
        )


@contextmanager
def _refusals_permanent() -> Iterator[None]:
    """Turns InvalidRequest into PermanentError: a recording refused now is refused at every attempt."""
    try:
        yield
    except InvalidRequest as error:
        raise PermanentError(error.detail, code=error.code) from error
