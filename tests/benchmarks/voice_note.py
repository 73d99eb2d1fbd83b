"""From a 60 s voice note to its stored insight: `python -m tests.benchmarks.voice_note [--rounds 5]`.

Runs the whole process (queue, SQLite, workers) warm, with the recordings that ship joined to 60 s, and
prints the median time of each stage and of the whole, and that as a share of the note's length.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import wave
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from functions.journal.views.entries import EntryView
from functions.laptop.demo import run_demo
from functions.laptop.process import LocalProcess
from functions.shared.audio.decoding import SAMPLE_RATE, decode
from functions.shared.runtime import settings

SECONDS = 60
SETTINGS = settings.load()
RECORDINGS = SETTINGS.models_path / "recordings"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder, LocalProcess(replace(SETTINGS, data_dir=folder)) as samo:
        samo.warm_up()
        views, spent = [], []
        for number in range(rounds + 1):
            note = _note(Path(folder) / f"{number}.wav", number)
            started = time.perf_counter()
            views.append(run_demo(samo.journal, note, lambda _: None))
            spent.append(time.perf_counter() - started)
    _report(views[1:], spent[1:])


def _note(path: Path, number: int) -> Path:
    """60 s of speech, each a little different so that none is recognised as an earlier one."""
    speech = np.concatenate([decode(RECORDINGS / name) for name in ("two_cities.wav", "beckett.wav")])
    samples = np.tile(speech, 2)[number : number + SECONDS * SAMPLE_RATE]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((samples * 32767).astype(np.int16).tobytes())
    return path


def _report(views: list[EntryView], spent: list[float]) -> None:
    print(f"{SECONDS} s voice note to stored insight, warm, median of {len(spent)}")
    for index, stage in enumerate(views[0].stages):
        times = [
            (view.stages[index].finished_at - view.stages[index].started_at).total_seconds()  # type: ignore[operator]
            for view in views
        ]
        print(f"  {stage.stage:<14} {statistics.median(times):6.2f} s")
    whole = statistics.median(spent)
    print(f"  {'whole':<14} {whole:6.2f} s   {whole / SECONDS:.3f} of the note's length")


if __name__ == "__main__":
    main()
