"""Audio clips: distinct excerpts of the two bundled recordings, and long ones that are mostly silence."""

from __future__ import annotations

import io
import random
import wave
from pathlib import Path

import numpy as np

from functions.shared.runtime.settings import Settings

_FOLDER = Settings().models_path / "recordings"
_RATE = 16_000
_BYTES_S = 2 * _RATE
LONG_S = 660
_SPEAK_EVERY_S = 60


class Clips:
    """Sixteen-bit mono WAV at 16 kHz, chosen by a random generator."""

    def __init__(self) -> None:
        self._speech = b"".join(_samples(path) for path in sorted(_FOLDER.glob("*.wav")))

    def short(self, rng: random.Random) -> bytes:
        """Two to five seconds of speech."""
        return _wav(self._cut(rng, rng.uniform(2, 5)))

    def long(self, rng: random.Random) -> bytes:
        """Eleven minutes with a few words each."""
        words = (self._cut(rng, rng.uniform(2, 4)) for _ in range(LONG_S // _SPEAK_EVERY_S))
        return _wav(b"".join(cut.ljust(_SPEAK_EVERY_S * _BYTES_S, b"\0") for cut in words))

    def _cut(self, rng: random.Random, seconds: float) -> bytes:
        length = int(seconds * _RATE) * 2
        start = rng.randrange(0, len(self._speech) - length, 2)
        return self._speech[start : start + length]


def noise(rng: random.Random) -> bytes:
    """Bytes that no decoder accepts."""
    return rng.randbytes(20_000)


def _samples(path: Path) -> bytes:
    """At 16 kHz, from a rate that is a multiple of it."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate() % _RATE) == (1, 2, 0)
        step = file.getframerate() // _RATE
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    whole = samples[: len(samples) // step * step].reshape(-1, step)
    return bytes(whole.mean(axis=1).astype("<i2").tobytes())


def _wav(samples: bytes) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setframerate(_RATE)
        file.setnchannels(1)
        file.setsampwidth(2)
        file.writeframes(samples)
    return buffer.getvalue()
