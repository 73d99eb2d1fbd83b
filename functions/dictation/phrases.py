"""Endpointing: cuts live speech into phrases at pauses or, without any, where voice is least likely."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from functions.shared.audio.decoding import SAMPLE_RATE
from functions.transcription.vad import WINDOW, StreamingVad, VoiceDetector, window_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

PAUSE_S = 0.6
"""A silence this long ends a phrase."""
LONG_PHRASE_S = 6.0
SHORT_PAUSE_S = 0.35
"""A silence this long ends a phrase of `LONG_PHRASE_S`, so that continuous speech shows sentences too."""
MAX_PHRASE_S = 15.0
PAD_S = 0.4
"""Silence kept on both sides of a phrase, for quiet onsets and endings."""
FAINT_PAD_S = 1.0
FAINT_PAUSE_S = 1.2
"""For a whisper, whose windows are hardly told from silence."""
WINDOW_S = WINDOW / SAMPLE_RATE
_LEVEL_S = 10.0
"""Time constant of the loudness average."""
_SMOOTHING = 7  # windows, so that one uncertain window is not taken for a gap


class Phrase(NamedTuple):
    """A stretch of speech with some silence around it; times in seconds from the start of the dictation."""

    start: float
    samples: Samples
    voiced_until: float

    @property
    def end(self) -> float:
        return self.start + len(self.samples) / SAMPLE_RATE


class PhraseDetector:
    """Buffers the phrase in progress, and the moment of silence before the next one.

    Windows are counted from the start of the dictation.
    """

    def __init__(self, detector: VoiceDetector) -> None:
        self._config = detector.config
        self._vad: StreamingVad = detector.stream()
        self._gain = _AutomaticGain(detector.config.quiet_rms)
        self._samples = np.zeros(0, np.float32)
        self._probabilities: list[float] = []
        self._first = 0
        """The window that `_samples` and `_probabilities` begin with."""
        self._began: int | None = None
        """The first voiced window of the phrase in progress."""
        self._voiced = 0
        """The end of the last voiced window."""
        self._faint = False
        """Whether the phrase in progress has been no more than a faint voice so far."""

    def process(self, samples: Samples) -> list[Phrase]:
        """Add audio; returns the phrases that ended."""
        self._samples = np.concatenate([self._samples, samples])
        amplified = samples * np.float32(self._gain.update(samples))
        return self._advance(self._vad.process(amplified).tolist())

    def finish(self) -> list[Phrase]:
        """End the audio; returns the last phrases."""
        ended = self._advance(self._vad.flush().tolist())
        last = self.current()
        self._began = None
        return [*ended, last] if last else ended

    def current(self) -> Phrase | None:
        """The phrase in progress so far."""
        return None if self._began is None else self._phrase(None)

    def _advance(self, probabilities: list[float]) -> list[Phrase]:
        ended = [phrase for probability in probabilities if (phrase := self._step(probability))]
        pad = PAD_S if self._config.faint is None else FAINT_PAD_S
        self._drop_before((self._now if self._began is None else self._began) - window_count(pad))
        return ended

    @property
    def _now(self) -> int:
        return self._first + len(self._probabilities)

    def _step(self, probability: float) -> Phrase | None:
        """Add one window; returns the phrase that it ends, if any."""
        self._probabilities.append(probability)
        if self._began is None:
            if probability >= self._begins_at:
                self._began, self._voiced = self._now - 1, self._now
                self._faint = probability < self._config.on
            return None
        self._faint = self._faint and probability < self._config.on
        if probability >= self._goes_on_at:
            self._voiced = self._now
        elif self._now - self._voiced >= self._required_pause(self._voiced - self._began):
            phrase = self._end_at(min(self._voiced + window_count(PAD_S), self._now))
            self._began = None
            return phrase
        if self._now - self._began >= window_count(MAX_PHRASE_S):
            phrase = self._end_at(cut := self._least_voiced(self._began))
            self._began = cut
            return phrase
        return None

    @property
    def _begins_at(self) -> float:
        return self._config.on if self._config.faint is None else self._config.faint.peak

    @property
    def _goes_on_at(self) -> float:
        return self._config.faint.off if self._faint and self._config.faint else self._config.off

    def _required_pause(self, length: int) -> int:
        if self._faint:
            return window_count(FAINT_PAUSE_S)
        return window_count(PAUSE_S if length < window_count(LONG_PHRASE_S) else SHORT_PAUSE_S)

    def _end_at(self, end: int) -> Phrase:
        """The phrase in progress up to a window; audio before that window is no longer needed."""
        phrase = self._phrase(end)
        self._drop_before(end)
        return phrase

    def _phrase(self, end: int | None) -> Phrase:
        assert self._began is not None
        begin = max(self._began - window_count(FAINT_PAD_S if self._faint else PAD_S), self._first)
        stop = None if end is None else (end - self._first) * WINDOW
        samples = self._samples[(begin - self._first) * WINDOW : stop]
        voiced = self._voiced if end is None else min(self._voiced, end)
        return Phrase(begin * WINDOW_S, samples, voiced * WINDOW_S)

    def _least_voiced(self, began: int) -> int:
        """The window where voice is least likely, in the last two thirds of the phrase but not at its end."""
        longest = window_count(MAX_PHRASE_S)
        first, last = began - self._first + longest // 3, began - self._first + longest - longest // 15
        smoothed = np.convolve(self._probabilities, np.ones(_SMOOTHING), "same")
        return self._first + first + int(smoothed[first:last].argmin())

    def _drop_before(self, window: int) -> None:
        count = max(0, window - self._first)
        self._first += count
        self._probabilities = self._probabilities[count:]
        self._samples = self._samples[count * WINDOW :]


class _AutomaticGain:
    """Amplifies quiet speech before detection, so that speech far from the microphone is not missed."""

    def __init__(self, target_rms: float) -> None:
        self._target = target_rms
        self._energy = self._weight = 0.0

    def update(self, samples: Samples) -> float:
        """The gain for `samples`, from the loudness of the last seconds."""
        if not len(samples):
            return 1.0
        decay = math.exp(-len(samples) / (_LEVEL_S * SAMPLE_RATE))
        self._energy = decay * self._energy + float(np.square(samples).sum())
        self._weight = decay * self._weight + len(samples)
        level = math.sqrt(self._energy / self._weight)
        return self._target / level if 0 < level < self._target else 1.0
