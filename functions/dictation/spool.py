"""A dictation's audio on disk while it lasts: nothing said is lost with a connection or a process."""

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
"""Half an hour in 14 MB, which is one request to the journal, and two seconds; every browser plays it."""


class DictationMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """Whose dictation it is, and what its entry must know."""

    dictation_id: str
    uid: str
    recorded_at: datetime
    timezone: str | None = None


class Spool:
    """Mono PCM at 16 kHz in `folder`, beside what it is about."""

    def __init__(self, folder: Path, about: DictationMetadata) -> None:
        self.metadata = about
        self._pcm = folder / f"{about.dictation_id}.pcm"
        self._about = self._pcm.with_suffix(".json")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._about.write_bytes(msgspec.json.encode(about))
        self._pcm.touch()

    def write(self, samples: Samples) -> None:
        with self._pcm.open("ab") as file:
            file.write(samples.astype("<i2").tobytes())

    def encode(self) -> Path:
        """Everything written so far as a recording (AAC in MP4), the same bytes every time."""
        import av

        path = self._pcm.with_suffix(".m4a")
        with av.open(str(path), "w", format="mp4", options={"fflags": "+bitexact"}) as container:
            stream = container.add_stream("aac", rate=SAMPLE_RATE, options=_AAC)
            stream.layout = "mono"
            for at, samples in enumerate(self._blocks()):
                frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
                frame.sample_rate, frame.pts = SAMPLE_RATE, at * SAMPLE_RATE
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    @property
    def is_empty(self) -> bool:
        return self._pcm.stat().st_size < _WIDTH

    def remove(self) -> None:
        for path in (self._pcm, self._pcm.with_suffix(".m4a"), self._about):
            path.unlink(missing_ok=True)

    def _blocks(self) -> Iterator[Samples]:
        """Seconds."""
        import numpy as np

        with self._pcm.open("rb") as file:
            while len(data := file.read(SAMPLE_RATE * _WIDTH)) >= _WIDTH:
                yield np.frombuffer(data[: len(data) // _WIDTH * _WIDTH], "<i2").astype(np.int16)


def unfinished_spools(folder: Path) -> list[Spool]:
    """The dictations whose process ended before they did; one without audio is removed."""
    abouts = (
        msgspec.json.decode(path.read_bytes(), type=DictationMetadata)
        for path in sorted(folder.glob("*.json"))
    )
    found = [Spool(folder, about) for about in abouts]
    empty = [spool for spool in found if spool.is_empty]
    for spool in empty:
        spool.remove()
    return [spool for spool in found if spool not in empty]
