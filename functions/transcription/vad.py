"""Voice activity detection: Silero VAD on plain onnxruntime.

The network reads windows of 512 samples, each with the 64 samples before it, and keeps a state that must not
leak from one recording to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from functions.shared.audio.decoding import SAMPLE_RATE
from functions.shared.runtime import onnx
from functions.transcription.config import VadConfig

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession

    Samples = NDArray[np.float32]
    Probabilities = NDArray[np.float32]
    """One per window."""

FOLDER = "silero-vad"
WINDOW = 512
_CONTEXT = 64
_BATCH = 256  # windows per run: 8 s


class Region(NamedTuple):
    """A stretch of speech in windows of 32 ms: [start, end)."""

    start: int
    end: int


class StreamingVad:
    """Voice probabilities of one recording while it arrives."""

    def __init__(self, session: Future[InferenceSession]) -> None:
        self._session = session
        self._hidden = self._cell = np.zeros((1, 1, 128), np.float32)
        self._buffer = np.zeros(_CONTEXT, np.float32)

    def process(self, samples: Samples) -> Probabilities:
        """The voice probability of each window that `samples` complete."""
        self._buffer = np.concatenate([self._buffer, samples])
        probabilities = [np.zeros(0, np.float32)]
        while len(self._buffer) >= _CONTEXT + WINDOW:
            count = min(_BATCH, (len(self._buffer) - _CONTEXT) // WINDOW)
            probabilities.append(self._run(_frame(self._buffer, count)))
            self._buffer = self._buffer[count * WINDOW :]
        return np.concatenate(probabilities)

    def flush(self) -> Probabilities:
        """The incomplete last window, padded with silence; nothing if the recording ends with a window."""
        missing = _CONTEXT - len(self._buffer)
        return self.process(np.zeros(WINDOW + missing, np.float32)) if missing else np.zeros(0, np.float32)

    def _run(self, windows: Samples) -> Probabilities:
        feeds = {"input": windows, "h": self._hidden, "c": self._cell}
        probabilities: Probabilities
        probabilities, self._hidden, self._cell = self._session.result().run(None, feeds)
        return probabilities


class VoiceDetector:
    """Finds the regions of a recording where someone speaks."""

    def __init__(self, folder: Path) -> None:
        """Returns while the graph may still be loading; the first use waits for it."""
        self.config = onnx.read_config(folder, VadConfig)
        (self._session,) = onnx.loading(folder / "silero_vad_v6.onnx")

    def probabilities(self, blocks: Iterable[Samples]) -> Probabilities:
        """The voice probability of each window; the last window is padded with silence.

        `blocks` are consecutive parts of one recording; only one is held in memory at a time.
        """
        stream = self.stream()
        return np.concatenate([*map(stream.process, blocks), stream.flush()])

    def stream(self) -> StreamingVad:
        """A detector for a recording that is still arriving."""
        return StreamingVad(self._session)

    def detect(self, samples: Samples) -> tuple[list[Region], Probabilities]:
        """The voiced regions, and the probabilities they follow from.

        Quiet recordings are amplified to a common level first, so that speech far from the microphone is
        not taken for silence.
        """
        level = float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0
        gain = self.config.quiet_rms / level if 0 < level < self.config.quiet_rms else 1.0
        step = _BATCH * WINDOW
        blocks = (samples[start : start + step] * np.float32(gain) for start in range(0, len(samples), step))
        probabilities = self.probabilities(blocks)
        return list(self.regions(probabilities)), probabilities

    def regions(self, probabilities: Probabilities) -> Iterator[Region]:
        """Regions from where the probability reaches `on` to where it has stayed below `off` for a pause."""
        return self._regions(probabilities, self.config.on, self.config.off)

    def faint_regions(self, probabilities: Probabilities) -> list[Region]:
        """The same by the thresholds for faint voices: they contain what `regions` finds, and more."""
        faint = self.config.faint
        return [] if faint is None else list(self._regions(probabilities, faint.on, faint.off))

    def may_be_faint(self, regions: Sequence[Region], probabilities: Probabilities) -> bool:
        """Whether the probability reaches what a faint voice reaches."""
        faint = self.config.faint
        return faint is not None and any(
            bool(probabilities[start:end].max() >= faint.peak) for start, end in regions
        )

    def _regions(self, probabilities: Probabilities, on: float, off: float) -> Iterator[Region]:
        start: int | None = None
        end = 0
        for index, probability in enumerate(probabilities.tolist()):
            if probability >= on and start is None:
                start = index
            if start is None:
                continue
            if probability >= off:
                end = index + 1
            elif index + 1 - end >= window_count(self.config.min_pause_s):
                yield Region(start, end)
                start = None
        if start is not None:
            yield Region(start, end)

    def is_speech(self, regions: Sequence[Region], probabilities: Probabilities) -> bool:
        """Whether these regions certainly hold speech: music resembles speech, but only briefly."""
        config = self.config
        if max(end - start for start, end in regions) >= window_count(config.sustained_s):
            return True
        inside = np.concatenate([probabilities[start:end] for start, end in regions])
        voiced = (inside >= config.on).sum() >= window_count(config.min_speech_s)
        return bool(inside.max() >= config.certain and voiced)


def window_count(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE / WINDOW)


def _frame(samples: Samples, count: int) -> Samples:
    """The first `count` windows, each after its context: (count, context + window)."""
    views = np.lib.stride_tricks.sliding_window_view(samples, _CONTEXT + WINDOW)
    return np.ascontiguousarray(views[: count * WINDOW : WINDOW])
