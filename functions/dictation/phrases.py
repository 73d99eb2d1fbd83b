"""Speech cut into phrases while it comes: at pauses or, where there are none, at the weakest point."""

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
"""A silence this long ends a phrase …"""
BREATH_S = 0.35
LONG_S = 6.0
"""… and in one this long a breath does: who speaks on and on shall see sentences too."""
LONGEST_S = 15.0
PAD_S = 0.4
"""Kept on both sides of a phrase, for quiet onsets and endings."""
WINDOW_S = WINDOW / SAMPLE_RATE
_LEVEL_S = 10.0
"""How far back loudness is remembered."""
_SMOOTH = 7  # windows: a cut needs room, not one doubtful moment


class Phrase(NamedTuple):
    """A stretch of speech with some silence around it, in seconds from the dictation's beginning."""

    start: float
    samples: Samples
    voiced_until: float

    @property
    def end(self) -> float:
        return self.start + len(self.samples) / SAMPLE_RATE


class PhraseDetector:
    """Holds the phrase that is being spoken, and the moment of silence before the next one."""

    def __init__(self, detector: VoiceDetector) -> None:
        self._config = detector.config
        self._vad: StreamingVad = detector.stream()
        self._loudness = _Loudness(detector.config.quiet_rms)
        self._samples = np.zeros(0, np.float32)
        self._voices: list[float] = []
        self._first = 0
        """The window that `_samples` and `_voices` begin with; windows are counted from the beginning."""
        self._began: int | None = None
        self._voiced = 0
        """The end of the last window with a voice."""

    def hear(self, samples: Samples) -> list[Phrase]:
        """The phrases that ended meanwhile."""
        self._samples = np.concatenate([self._samples, samples])
        raised = samples * np.float32(self._loudness.gain(samples))
        return self._ended(self._vad.process(raised).tolist())

    def finish(self) -> list[Phrase]:
        """The phrases that end because everything does."""
        ended = self._ended(self._vad.flush().tolist())
        last = self.open()
        self._began = None
        return [*ended, last] if last else ended

    def open(self) -> Phrase | None:
        """The phrase that is being spoken, as far as it has come."""
        return None if self._began is None else self._phrase(None)

    def _ended(self, voices: list[float]) -> list[Phrase]:
        found = [phrase for voice in voices if (phrase := self._step(voice))]
        self._forget((self._now if self._began is None else self._began) - window_count(PAD_S))
        return found

    @property
    def _now(self) -> int:
        return self._first + len(self._voices)

    def _step(self, voice: float) -> Phrase | None:
        self._voices.append(voice)
        if self._began is None:
            if voice >= self._config.on:
                self._began, self._voiced = self._now - 1, self._now
            return None
        if voice >= self._config.off:
            self._voiced = self._now
        elif self._now - self._voiced >= self._pause(self._voiced - self._began):
            phrase = self._until(min(self._voiced + window_count(PAD_S), self._now))
            self._began = None
            return phrase
        if self._now - self._began >= window_count(LONGEST_S):
            phrase = self._until(cut := self._weakest(self._began))
            self._began = cut
            return phrase
        return None

    def _pause(self, length: int) -> int:
        return window_count(PAUSE_S if length < window_count(LONG_S) else BREATH_S)

    def _until(self, end: int) -> Phrase:
        """The open phrase up to a window; what comes before that one is not needed again."""
        phrase = self._phrase(end)
        self._forget(end)
        return phrase

    def _phrase(self, end: int | None) -> Phrase:
        assert self._began is not None
        begin = max(self._began - window_count(PAD_S), self._first)
        stop = None if end is None else (end - self._first) * WINDOW
        samples = self._samples[(begin - self._first) * WINDOW : stop]
        voiced = self._voiced if end is None else min(self._voiced, end)
        return Phrase(begin * WINDOW_S, samples, voiced * WINDOW_S)

    def _weakest(self, began: int) -> int:
        """Where a voice is least likely around the last two thirds, away from the end."""
        longest = window_count(LONGEST_S)
        first, last = began - self._first + longest // 3, began - self._first + longest - longest // 15
        smooth = np.convolve(self._voices, np.ones(_SMOOTH), "same")
        return self._first + first + int(smooth[first:last].argmin())

    def _forget(self, before: int) -> None:
        count = max(0, before - self._first)
        self._first += count
        self._voices = self._voices[count:]
        self._samples = self._samples[count * WINDOW :]


class _Loudness:
    """How much quiet speech is raised before it is listened to: distance to the phone is not silence."""

    def __init__(self, wanted_rms: float) -> None:
        self._wanted = wanted_rms
        self._energy = self._weight = 0.0

    def gain(self, samples: Samples) -> float:
        if not len(samples):
            return 1.0
        fade = math.exp(-len(samples) / (_LEVEL_S * SAMPLE_RATE))
        self._energy = fade * self._energy + float(np.square(samples).sum())
        self._weight = fade * self._weight + len(samples)
        level = math.sqrt(self._energy / self._weight)
        return self._wanted / level if 0 < level < self._wanted else 1.0
