"""Where somebody speaks: Silero's voice activity detector on plain onnxruntime.

The network reads windows of 512 samples, each with the 64 before it, and keeps a state that must not
pass from one recording to the next.
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

FOLDER = "silero-vad"
WINDOW = 512
_CONTEXT = 64
_BATCH = 256  # windows a run: 8 s


class Region(NamedTuple):
    """A stretch of speech in windows of 32 ms: [start, end)."""

    start: int
    end: int


class StreamingVad:
    """Hears one recording as it comes."""

    def __init__(self, session: Future[InferenceSession]) -> None:
        self._session = session
        self._hidden = self._cell = np.zeros((1, 1, 128), np.float32)
        self._carried = np.zeros(_CONTEXT, np.float32)

    def process(self, samples: Samples) -> Probabilities:
        """How likely each window that is whole by now holds a voice."""
        self._carried = np.concatenate([self._carried, samples])
        found = [np.zeros(0, np.float32)]
        while len(self._carried) >= _CONTEXT + WINDOW:
            count = min(_BATCH, (len(self._carried) - _CONTEXT) // WINDOW)
            found.append(self._run(_framed(self._carried, count)))
            self._carried = self._carried[count * WINDOW :]
        return np.concatenate(found)

    def flush(self) -> Probabilities:
        """The last window, padded with silence; none where the recording ends with one."""
        missing = _CONTEXT - len(self._carried)
        return self.process(np.zeros(WINDOW + missing, np.float32)) if missing else np.zeros(0, np.float32)

    def _run(self, framed: Samples) -> Probabilities:
        feeds = {"input": framed, "h": self._hidden, "c": self._cell}
        speech: Probabilities
        speech, self._hidden, self._cell = self._session.result().run(None, feeds)
        return speech


class VoiceDetector:
    def __init__(self, folder: Path) -> None:
        """The graph may still be loading when it returns; its first use waits for it."""
        self.config = onnx.read_config(folder, VadConfig)
        (self._session,) = onnx.loading(folder / "silero_vad_v6.onnx")

    def probabilities(self, blocks: Iterable[Samples]) -> Probabilities:
        """How likely each window holds a voice; the last one is padded with silence.

        `blocks` are consecutive parts of one recording; only one is held at a time.
        """
        stream = self.stream()
        return np.concatenate([*map(stream.process, blocks), stream.flush()])

    def stream(self) -> StreamingVad:
        """For a recording that is not over yet."""
        return StreamingVad(self._session)

    def detect(self, samples: Samples) -> tuple[list[Region], Probabilities]:
        """Where somebody speaks, and the probabilities behind it.

        Quiet recordings are raised to a common level first: distance to the phone is not silence.
        """
        level = float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0
        gain = self.config.quiet_rms / level if 0 < level < self.config.quiet_rms else 1.0
        step = _BATCH * WINDOW
        blocks = (samples[at : at + step] * np.float32(gain) for at in range(0, len(samples), step))
        probabilities = self.probabilities(blocks)
        return list(self.regions(probabilities)), probabilities

    def regions(self, probabilities: Probabilities) -> Iterator[Region]:
        """From where the probability reaches `on` to where it has stayed below `off` for a pause."""
        config = self.config
        start: int | None = None
        end = 0
        for index, probability in enumerate(probabilities.tolist()):
            if probability >= config.on and start is None:
                start = index
            if start is None:
                continue
            if probability >= config.off:
                end = index + 1
            elif index + 1 - end >= window_count(config.min_pause_s):
                yield Region(start, end)
                start = None
        if start is not None:
            yield Region(start, end)

    def is_speech(self, speech: Sequence[Region], probabilities: Probabilities) -> bool:
        """Whether these regions hold a voice beyond doubt: music comes close, but only for moments."""
        config = self.config
        heard = np.concatenate([probabilities[start:end] for start, end in speech])
        if max(end - start for start, end in speech) >= window_count(config.sustained_s):
            return True
        return bool(
            heard.max() >= config.certain and (heard >= config.on).sum() >= window_count(config.min_speech_s)
        )


def window_count(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE / WINDOW)


def _framed(samples: Samples, count: int) -> Samples:
    views = np.lib.stride_tricks.sliding_window_view(samples, _CONTEXT + WINDOW)
    return np.ascontiguousarray(views[: count * WINDOW : WINDOW])
