"""Keeps a dictation's audio on disk, so that a lost connection or process loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from functions.shared.audio.decoding import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.int16]

_WIDTH = 2
_AAC = {"b": "64000", "aac_coder": "fast"}
"""Half an hour takes two seconds and 14 MB, which fits one request to the journal; every browser plays it."""


class DictationMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """A dictation's owner, and metadata for its entry."""

    dictation_id: str
    uid: str
    recorded_at: datetime
    timezone: str | None = None


class Spool:
    """Mono PCM at 16 kHz in `folder`, beside its metadata."""

    def __init__(self, folder: Path, metadata: DictationMetadata) -> None:
        self.metadata = metadata
        self._pcm = folder / f"{metadata.dictation_id}.pcm"
        self._metadata_path = self._pcm.with_suffix(".json")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._metadata_path.write_bytes(msgspec.json.encode(metadata))
        self._pcm.touch()

    def write(self, samples: Samples) -> None:
        with self._pcm.open("ab") as file:
            file.write(samples.astype("<i2").tobytes())

    def encode(self) -> Path:
        """Encode everything written so far (AAC in MP4); the same audio gives the same bytes."""
        import av

        path = self._pcm.with_suffix(".m4a")
        with av.open(str(path), "w", format="mp4", options={"fflags": "+bitexact"}) as container:
            stream = container.add_stream("aac", rate=SAMPLE_RATE, options=_AAC)
            stream.layout = "mono"
            for second, samples in enumerate(self._seconds()):
                frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
                frame.sample_rate, frame.pts = SAMPLE_RATE, second * SAMPLE_RATE
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    @property
    def is_empty(self) -> bool:
        return self._pcm.stat().st_size < _WIDTH

    def remove(self) -> None:
        for path in (self._pcm, self._pcm.with_suffix(".m4a"), self._metadata_path):
            path.unlink(missing_ok=True)

    def _seconds(self) -> Iterator[Samples]:
        """The audio in blocks of one second; an incomplete last sample is dropped."""
        import numpy as np

        with self._pcm.open("rb") as file:
            while len(data := file.read(SAMPLE_RATE * _WIDTH)) >= _WIDTH:
                yield np.frombuffer(data[: len(data) // _WIDTH * _WIDTH], "<i2").astype(np.int16)


def unfinished_spools(folder: Path) -> list[Spool]:
    """The dictations that a killed process left unfinished; those without audio are removed."""
    paths = sorted(folder.glob("*.json"))
    metadata = [msgspec.json.decode(path.read_bytes(), type=DictationMetadata) for path in paths]
    spools = [Spool(folder, dictation) for dictation in metadata]
    empty = [spool for spool in spools if spool.is_empty]
    for spool in empty:
        spool.remove()
    return [spool for spool in spools if spool not in empty]
