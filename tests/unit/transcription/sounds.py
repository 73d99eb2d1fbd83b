"""Forty-odd sounds of homes, streets and telephones in which nobody speaks, from seeded generators."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from functions.shared.audio.decoding import SAMPLE_RATE
from tests.unit.transcription.media import Samples, seconds

Sound = NDArray[np.float64]

_S = 8.0


def _noise(seed: int, duration: float = _S, *, low: float = 0, high: float = 8000, tilt: float = 0) -> Sound:
    """Noise between two frequencies; its power falls with the frequency to the power of `2 * tilt`."""
    count = round(duration * SAMPLE_RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    hertz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    spectrum *= ((hertz >= low) & (hertz <= high)) / np.maximum(hertz, 20.0) ** tilt
    sound = np.fft.irfft(spectrum, count)
    return np.asarray(sound / np.abs(sound).max())


def _tone(hertz: Sound | float, duration: float = _S, overtones: Sequence[float] = (1.0,)) -> Sound:
    """A tone of a constant or moving frequency, with overtones of the given strengths."""
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(hertz, len(seconds(duration)))) / SAMPLE_RATE
    parts = [strength * np.sin(order * phase) for order, strength in enumerate(overtones, 1)]
    return np.asarray(np.sum(parts, axis=0))


def _swell(rate: float, depth: float = 1.0, duration: float = _S) -> Sound:
    return np.asarray(1 - depth / 2 + depth / 2 * np.sin(2 * np.pi * rate * seconds(duration)))


def _placed(hit: Callable[[int], Sound], starts: Sequence[float], duration: float = _S) -> Sound:
    """Single sounds at the given times."""
    sound = np.zeros(round(duration * SAMPLE_RATE))
    for index, start in enumerate(starts):
        begin = round(start * SAMPLE_RATE)
        part = hit(index)[: len(sound) - begin]
        sound[begin : begin + len(part)] += part
    return sound


def _at_random(seed: int, count: int) -> list[float]:
    return sorted(np.random.default_rng(seed).uniform(0, _S - 0.3, count).tolist())


def _ring(hertz: Sequence[float], decay: float, duration: float) -> Sound:
    time = seconds(duration)
    tones = [np.sin(2 * np.pi * frequency * time) / order for order, frequency in enumerate(hertz, 1)]
    return np.asarray(np.sum(tones, axis=0) * np.exp(-decay * time))


def _burst(seed: int, decay: float, duration: float, low: float = 100, high: float = 8000) -> Sound:
    return np.asarray(_noise(seed, duration, low=low, high=high) * np.exp(-decay * seconds(duration)))


def _bark(seed: int) -> Sound:
    time = seconds(0.22)
    pitch = 380 + 250 * np.sin(np.pi * time / 0.22)
    rough = _tone(pitch, 0.22, (1, 0.8, 0.6, 0.4, 0.3)) + 0.8 * _noise(seed, 0.22, low=300, high=3000)
    return np.asarray(rough * np.sin(np.pi * time / 0.22) ** 0.5)


def _cry(_: int) -> Sound:
    time = seconds(1.1)
    pitch = 380 + 120 * np.sin(np.pi * time / 1.1) + 12 * np.sin(2 * np.pi * 6 * time)
    return np.asarray(_tone(pitch, 1.1, (1, 0.7, 0.9, 0.5, 0.3)) * np.sin(np.pi * time / 1.1))


def _meow(_: int) -> Sound:
    time = seconds(0.8)
    pitch = 500 + 250 * np.sin(np.pi * time / 0.8)
    return np.asarray(_tone(pitch, 0.8, (1, 0.6, 0.4, 0.2)) * np.sin(np.pi * time / 0.8))


def _chirp(index: int) -> Sound:
    time = seconds(0.12)
    return np.asarray(_tone(3000 + 2000 * time / 0.12 * (-1) ** index, 0.12) * np.sin(np.pi * time / 0.12))


def _caw(seed: int) -> Sound:
    time = seconds(0.35)
    voice = _tone(520 - 200 * time, 0.35, (1, 1, 0.8, 0.7, 0.5, 0.4)) * (1 + 0.5 * _noise(seed, 0.35))
    return np.asarray(voice * np.sin(np.pi * time / 0.35))


def _snore(seed: int) -> Sound:
    flutter = (np.sin(2 * np.pi * 28 * seconds(1.4)) > 0.2) * 1.0
    return np.asarray(
        _noise(seed, 1.4, low=60, high=900, tilt=0.5) * flutter * np.sin(np.pi * seconds(1.4) / 1.4)
    )


def _cough(seed: int) -> Sound:
    return np.asarray(_burst(seed, 14, 0.35, 200, 4000))


def _breath(seed: int) -> Sound:
    return np.asarray(
        _noise(seed, 1.2, low=300, high=3500, tilt=0.6) * np.sin(np.pi * seconds(1.2) / 1.2) ** 2
    )


def _dtmf(keys: str) -> Sound:
    rows, columns = (697, 770, 852, 941), (1209, 1336, 1477)
    pad = "123456789*0#"

    def press(index: int) -> Sound:
        row, column = divmod(pad.index(keys[index]), 3)
        return np.asarray(_tone(rows[row], 0.2) + _tone(columns[column], 0.2))

    return _placed(press, [0.3 + 0.4 * index for index in range(len(keys))])


def _on_off(sound: Sound, on: float, off: float) -> Sound:
    return np.asarray(sound * (seconds(len(sound) / SAMPLE_RATE) % (on + off) < on))


def _tune(seed: int, overtones: Sequence[float], step: float, decay: float) -> Sound:
    """A tune on a scale of five notes."""
    scale = (0, 2, 4, 7, 9, 12, 14, 16)
    notes = np.random.default_rng(seed).integers(0, len(scale), round(_S / step))

    def note(index: int) -> Sound:
        time = seconds(step)
        played = _tone(262 * 2 ** (scale[notes[index]] / 12), step, overtones)
        return np.asarray(played * np.exp(-decay * time) * np.minimum(1, time / 0.01))

    return _placed(note, [step * index for index in range(len(notes))])


def _murmur(seed: int, voices: int) -> Sound:
    """Many voices through a wall: pitched pulses with a syllable's rhythm, without what is above 450 Hz."""
    random = np.random.default_rng(seed)
    total = np.zeros(round(_S * SAMPLE_RATE))
    for _ in range(voices):
        wander = np.interp(seconds(_S), np.arange(0, _S, 0.2), random.uniform(0.85, 1.2, 40))
        syllables = np.interp(seconds(_S), np.arange(0, _S, 0.1), random.uniform(0, 1, 80) ** 2)
        total += _tone(random.uniform(95, 210) * wander, _S, [1 / order for order in range(1, 9)]) * syllables
    spectrum = np.fft.rfft(total)
    spectrum[np.fft.rfftfreq(len(total), 1 / SAMPLE_RATE) > 450] = 0
    return np.asarray(np.fft.irfft(spectrum, len(total)))


def _engine(seed: int, idle: float, speed: float) -> Sound:
    revs = idle * (1 + speed * np.sin(2 * np.pi * 0.15 * seconds(_S)))
    return np.asarray(_tone(revs, _S, (1, 0.8, 0.5, 0.4, 0.3, 0.2)) + _noise(seed, high=1500, tilt=0.8))


def _with(sound: Sound, background: Sound, share: float) -> Sound:
    return np.asarray(sound / np.abs(sound).max() + share * background)


_SOUNDS: Mapping[str, Callable[[], Sound]] = {
    "traffic": lambda: _noise(1, tilt=0.9) * (0.4 + _swell(0.2)),
    "a car passing": lambda: _noise(2, high=2500, tilt=0.6) * np.exp(-((seconds(_S) - 4) ** 2) / 2),
    "an idling engine": lambda: _engine(3, 28, 0.02),
    "a motorcycle": lambda: _engine(4, 70, 0.5),
    "a train on rails": lambda: _with(
        _placed(lambda i: _burst(i, 25, 0.2, 80, 1500), _every(0.4)), _noise(5, tilt=0.7), 0.4
    ),
    "a siren": lambda: _tone(900 + 400 * np.sin(2 * np.pi * 0.4 * seconds(_S)), overtones=(1, 0.4, 0.2)),
    "a car horn": lambda: _on_off(
        _tone(420, overtones=(1, 0.7, 0.5, 0.3)) + _tone(510, overtones=(1, 0.6)), 0.6, 0.9
    ),
    "a reversing lorry": lambda: _on_off(_tone(1250, overtones=(1, 0.3)), 0.5, 0.5),
    "a bicycle bell": lambda: _placed(lambda _: _ring((2800, 4300, 5600), 8, 0.8), (1, 1.3, 4, 4.3)),
    "footsteps": lambda: _placed(lambda i: _burst(i, 40, 0.15, 60, 900), _every(0.55)),
    "rain": lambda: _noise(6, low=400) * 0.6,
    "rain on a roof": lambda: _with(
        _placed(lambda i: _burst(i, 90, 0.05, 500, 5000), _at_random(7, 220)), _noise(8), 0.2
    ),
    "wind at the microphone": lambda: _noise(9, high=400, tilt=1) * _swell(0.35) ** 2,
    "thunder": lambda: _placed(
        lambda i: _noise(i + 10, 3, high=300, tilt=1) * np.exp(-1.2 * seconds(3)), (0.5, 4.2)
    ),
    "waves on a beach": lambda: _noise(12, low=200, tilt=0.4) * _swell(0.13) ** 2,
    "a stream": lambda: _noise(13, low=500, high=6000, tilt=0.3) * (0.7 + 0.3 * _swell(7)),
    "a fan": lambda: _noise(14, high=3000, tilt=0.7) * (0.8 + 0.2 * _swell(18)) + 0.1 * _tone(118),
    "an air conditioner": lambda: _noise(15, high=1200, tilt=0.5) + 0.3 * _tone(99, overtones=(1, 0.5, 0.3)),
    "a vacuum cleaner": lambda: (
        _noise(16, low=150, tilt=0.3) + 0.4 * _tone(310, overtones=(1, 0.6, 0.5, 0.3))
    ),
    "a washing machine": lambda: (
        _noise(17, high=900, tilt=0.6) * _swell(1.3) + 0.2 * _tone(49, overtones=(1, 0.7))
    ),
    "a hair dryer": lambda: _noise(18, low=300, tilt=0.2) + 0.2 * _tone(780, overtones=(1, 0.4)),
    "an electric shaver": lambda: _tone(122, overtones=[1 / order for order in range(1, 20)]),
    "a boiling kettle": lambda: (
        _noise(19, low=100, tilt=0.3) * (seconds(_S) / _S) + 0.2 * _tone(2100 + 50 * seconds(_S))
    ),
    "a microwave oven": lambda: (
        _noise(20, high=500, tilt=0.5) + _placed(lambda _: 0.6 * _tone(2050, 0.5), (6, 6.9))
    ),
    "dishes": lambda: _placed(_plate, _at_random(21, 22)),
    "cutlery": lambda: _placed(lambda i: _ring((3100 + 170 * i, 4700, 6900), 25, 0.2), _at_random(22, 18)),
    "a knife on a board": lambda: _placed(lambda i: _burst(i, 60, 0.1, 200, 3000), _every(0.28)),
    "keys on a keyboard": lambda: _placed(lambda i: _burst(i, 110, 0.04, 1000), _at_random(23, 45)),
    "a ticking clock": lambda: _placed(lambda i: _burst(i % 2, 200, 0.03, 1500), _every(0.5)),
    "a knock at the door": lambda: _placed(
        lambda i: _burst(i, 30, 0.15, 80, 1200), (1, 1.25, 1.5, 5, 5.25, 5.5)
    ),
    "a closing door": lambda: _placed(lambda i: _burst(i, 12, 0.5, 40, 700), (2, 6)),
    "a creaking door": lambda: (
        _tone(240 + 60 * _noise(24, high=3), overtones=(1, 1, 0.9, 0.7, 0.6, 0.5)) * _swell(0.3)
    ),
    "rustling paper": lambda: (
        _noise(25, low=1500) * np.repeat(np.random.default_rng(26).uniform(0, 1, 160) ** 3, 800)
    ),
    "a phone moved in a pocket": lambda: (
        _noise(27, high=700, tilt=0.8) * np.repeat(np.random.default_rng(28).uniform(0, 1, 40) ** 2, 3200)
    ),
    "a zip": lambda: _placed(lambda i: _burst(i, 150, 0.02, 1200), np.arange(2, 3.2, 0.012).tolist()),
    "a barking dog": lambda: _placed(_bark, (0.5, 0.9, 2.5, 2.9, 3.3, 6)),
    "a howling dog": lambda: _tone(420 + 160 * _swell(0.25), overtones=(1, 0.4, 0.2, 0.1)) * _swell(0.25),
    "a crying baby": lambda: _placed(_cry, (0.3, 1.8, 3.3, 4.8, 6.3)),
    "a cat": lambda: _placed(_meow, (1, 3.5, 6)),
    "birds": lambda: _placed(_chirp, _at_random(29, 34)),
    "crows": lambda: _placed(_caw, (0.5, 1.1, 1.7, 5, 5.6)),
    "crickets": lambda: _on_off(_on_off(_tone(4600), 0.02, 0.02), 0.4, 0.3),
    "a snore": lambda: _placed(_snore, (0.3, 2.9, 5.5)),
    "coughs": lambda: _placed(_cough, (1, 1.4, 5, 5.4, 5.8)),
    "breathing at the microphone": lambda: _placed(_breath, (0.2, 2.2, 4.2, 6.2)),
    "applause": lambda: _placed(lambda i: _burst(i, 70, 0.08, 500, 5000), _at_random(30, 500)),
    "the television in the next room": lambda: _murmur(31, 3),
    "a café through a wall": lambda: _murmur(32, 14) + 2 * _noise(33, high=600, tilt=0.5),
    "dial tone": lambda: _tone(350) + _tone(440),
    "ringback tone": lambda: _on_off(_tone(440) + _tone(480), 2, 2),
    "busy tone": lambda: _on_off(_tone(480) + _tone(620), 0.5, 0.5),
    "dialed digits (DTMF)": lambda: _dtmf("0445551234*#"),
    "a modem": lambda: _tone(
        np.repeat(np.random.default_rng(34).choice([1070.0, 1270.0, 2025.0, 2225.0], 2400), 54)[
            : 8 * SAMPLE_RATE
        ]
    ),
    "hold music, piano": lambda: _tune(35, (1, 0.5, 0.3, 0.15, 0.1), 0.4, 3),
    "hold music, strings": lambda: _tune(36, [1 / order for order in range(1, 10)], 0.8, 0.2),
    "hold music, synthesizer": lambda: _tune(37, (1, 0, 0.33, 0, 0.2, 0, 0.14), 0.25, 1),
    "a music box": lambda: _tune(38, (0, 0, 0, 1, 0, 0.3), 0.3, 6),
    "a recorder": lambda: _tune(39, (1, 0.1, 0.05), 0.5, 0.5),
    "an alarm clock": lambda: _on_off(_on_off(_tone(2000, overtones=(1, 0.3)), 0.08, 0.08), 0.6, 0.5),
    "church bells": lambda: _placed(
        lambda i: _ring((220, 440, 523, 660 + 9 * (i % 3), 880), 1.2, 3), (0, 1.5, 3, 4.5)
    ),
}


def _every(step: float) -> list[float]:
    return [step / 2 + step * index for index in range(int(_S / step))]


def _plate(index: int) -> Sound:
    return np.asarray(_ring((1400 + 90 * index, 2700, 3900 + 40 * index), 14, 0.4) + _burst(index, 90, 0.4))


def _scaled(make: Callable[[], Sound]) -> Callable[[], Samples]:
    def sound() -> Samples:
        made = make()
        return np.asarray(made / np.abs(made).max() / 2, np.float32)

    return sound


AROUND_US: Mapping[str, Callable[[], Samples]] = {name: _scaled(make) for name, make in _SOUNDS.items()}
