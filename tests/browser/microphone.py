"""Converts recordings for Chromium's fake microphone."""

from __future__ import annotations

from pathlib import Path


def as_microphone_input(recording: Path, folder: Path) -> Path:
    """Convert a recording to 48 kHz WAV, which Chromium requires."""
    import av

    converted = folder / recording.name
    resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000)
    with av.open(str(recording)) as source, av.open(str(converted), "w") as target:
        stream = target.add_stream("pcm_s16le", rate=48_000, layout="mono")
        for frame in (*source.decode(audio=0), None):
            for resampled in resampler.resample(frame):
                target.mux(stream.encode(resampled))
        target.mux(stream.encode(None))
    return converted
