"""Makes a recorded voice into others: whispered, or in no language at all."""

from __future__ import annotations

import numpy as np

from tests.unit.transcription.media import Samples

_FRAME, _STEP, _ORDER = 480, 240, 18


def whispered(voice: Samples, level: float = 0.02) -> Samples:
    """The same mouth with breath in place of the vocal cords: noise through each moment's resonances."""
    random, window = np.random.default_rng(0), np.hanning(_FRAME)
    sound = np.append(voice[0], voice[1:] - 0.9 * voice[:-1]).astype(np.float64)
    result = np.zeros(len(sound) + _FRAME)
    for begin in range(0, len(sound) - _FRAME, _STEP):
        frame = sound[begin : begin + _FRAME] * window
        if (frame**2).sum() > 1e-7:
            result[begin : begin + _FRAME] += _resonate(frame, random.standard_normal(_FRAME)) * window
    result = result[: len(voice)]
    return np.asarray(result / np.sqrt(np.mean(result**2)) * level, np.float32)


def _resonate(
    frame: np.ndarray[tuple[int], np.dtype[np.float64]], noise: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Noise through the frame's linear prediction filter, as loud as the frame."""
    correlation = np.correlate(frame, frame, "full")[_FRAME - 1 : _FRAME + _ORDER]
    correlation[0] *= 1.0001
    matrix = correlation[np.abs(np.subtract.outer(np.arange(_ORDER), np.arange(_ORDER)))]
    filter_ = np.linalg.solve(matrix + 1e-9 * np.eye(_ORDER), correlation[1:])
    power = max(correlation[0] - filter_ @ correlation[1:], 1e-12)
    sound = np.zeros(_FRAME + _ORDER)
    for time, value in enumerate(noise * np.sqrt(power / _FRAME)):
        sound[time + _ORDER] = value + filter_ @ sound[time : time + _ORDER][::-1]
    return np.asarray(sound[_ORDER:])


def in_no_language(voice: Samples) -> Samples:
    """Speech backwards: clearly a voice, and no words that anybody knows."""
    return voice[::-1].copy()
