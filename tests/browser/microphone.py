"""A recording as the browser's microphone hears it."""

from __future__ import annotations

from pathlib import Path


def heard(recording: Path, folder: Path) -> Path:
    """The recording as Chromium takes it: 48 kHz WAV."""
    import av

    made = folder / recording.name
    resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000)
    with av.open(str(recording)) as source, av.open(str(made), "w") as target:
        stream = target.add_stream("pcm_s16le", rate=48_000, layout="mono")
        for frame in (*source.decode(audio=0), None):
            for resampled in resampler.resample(frame):
                target.mux(stream.encode(resampled))
        target.mux(stream.encode(None))
    return made
