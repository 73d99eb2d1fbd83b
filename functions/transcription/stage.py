"""The transcription stage: a recording to its transcript, long ones chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from functions.shared.audio import decoding
from functions.shared.domain.content import ChunkTranscript, EmptyReason, Piece, Transcript
from functions.shared.domain.entries import Stage
from functions.shared.domain.stage_work import EntryFindings, StageInput, StageResult
from functions.shared.errors import InvalidRequest, PermanentError
from functions.transcription.chunking import MAX_UNCHUNKED_S, Spans, plan_chunks
from functions.transcription.engine import Engine, Recognition
from functions.transcription.transcriber import join_recognitions, transcribe_span


class TranscriptionWork:
    """Implements StageWork."""

    stage = Stage.TRANSCRIPTION

    def __init__(self, engine: Engine, *, max_duration_s: float = decoding.MAX_DURATION_S) -> None:
        self._engine = engine
        self._max_duration_s = max_duration_s

    def run(self, job: StageInput) -> StageResult:
        """Plan a long recording, transcribe a chunk of it or a short one whole, or join the chunks.

        Raises:
            PermanentError: with the code of `audio.probe` where the recording is of no use, or
                `audio_missing` or `chunk_unknown` where the job is not one of this stage's.
        """
        if job.entry.chunks and job.chunk is None:
            return self._joined(job)
        if job.audio is None:
            raise PermanentError("The entry has no recording.", code="audio_missing")
        with _permanent():
            return (
                self._whole(job, job.audio) if job.chunk is None else self._chunk(job, job.chunk, job.audio)
            )

    def _whole(self, job: StageInput, path: Path) -> StageResult:
        info = decoding.probe(path, max_duration_s=self._max_duration_s)
        if info.duration_s > MAX_UNCHUNKED_S:
            return self._result(
                EntryFindings(duration_s=info.duration_s, partial_audio=info.partial), plan=plan_chunks(path)
            )
        heard = transcribe_span(self._engine, path, 0.0, info.duration_s, progress=job.progress)
        return self._transcript(*join_recognitions([heard], info.duration_s, partial=info.partial))

    def _chunk(self, job: StageInput, index: int, path: Path) -> StageResult:
        if not 0 <= index < len(job.entry.chunks):
            raise PermanentError("The recording has no such part.", code="chunk_unknown")
        span = job.entry.chunks[index]
        heard = transcribe_span(self._engine, path, span.start, span.end, progress=job.progress)
        piece = ChunkTranscript(
            index=index, segments=heard.segments, language=heard.language, empty_reason=heard.empty_reason
        )
        return self._result(EntryFindings(), piece)

    def _joined(self, job: StageInput) -> StageResult:
        pieces = {piece.index: piece for piece in job.chunk_transcripts}
        if set(pieces) != set(range(len(job.entry.chunks))):
            raise PermanentError("A part of the recording has no transcript.", code="transcript_missing")
        found = [
            Recognition(segments=one.segments, language=one.language, empty_reason=one.empty_reason)
            for _, one in sorted(pieces.items())
        ]
        broken = job.entry.partial_audio or any(one.partial for one in pieces.values())
        return self._transcript(*join_recognitions(found, job.entry.chunks[-1].end, partial=broken))

    def _transcript(self, transcript: Transcript, reason: EmptyReason | None) -> StageResult:
        findings = EntryFindings(
            language=transcript.language,
            duration_s=transcript.duration_s,
            partial_audio=transcript.partial,
        )
        return self._result(findings, transcript, reason=reason)

    def _result(
        self, findings: EntryFindings, *pieces: Piece, reason: EmptyReason | None = None, plan: Spans = ()
    ) -> StageResult:
        return StageResult(
            engine=self._engine.name,
            model_version=self._engine.version,
            findings=findings,
            pieces=pieces,
            empty_reason=reason,
            plan=plan,
        )


@contextmanager
def _permanent() -> Iterator[None]:
    """A recording that cannot be used now never will be."""
    try:
        yield
    except InvalidRequest as error:
        raise PermanentError(error.detail, code=error.code) from error
