"""Live dictation, as its speaker sees it: `python -m tests.benchmarks.dictation [--pace 4] [--data FOLDER]`.

Recordings are sent to the real service in chunks of 100 ms, `pace` times as fast as they were spoken. Between
the end of a phrase and its last `final` are the pause that ends it, which the pace shortens, and recognition,
which it does not. CPU is that of the whole process, guesses and the client included.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from websockets.exceptions import ConnectionClosed

from functions.dictation.app import create_app
from functions.dictation.protocol import Limits
from functions.dictation.registry import DictationRegistry
from functions.dictation.service import Models
from functions.laptop.dictation import DictationServer
from functions.shared.access.identity import local_user
from functions.shared.audio import decoding
from functions.shared.audio.decoding import SAMPLE_RATE
from functions.shared.runtime import settings
from tests.support.dictation import CHUNK_S, Client, Samples

SETTINGS = settings.load()
RECORDINGS = ("two_cities.wav", "beckett.wav")
CLIPS = 12
SILENCE_S = 1.5
_TOGETHER_S = 0.12
"""Frames that come this close are about the same phrase."""


class Told(NamedTuple):
    at: float
    frame: dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pace", type=float, default=4.0)
    parser.add_argument("--data", type=Path, help="a folder of more recordings")
    arguments = parser.parse_args()
    limits, models = Limits(dictation_s=600.0), Models(SETTINGS)
    models.recognizer()
    finals, first_guesses, heard_s, cpu = list[float](), list[float](), 0.0, 0.0
    with tempfile.TemporaryDirectory() as folder:

        def dictations() -> DictationRegistry:
            return DictationRegistry(models.recognizer, lambda _: "entry", Path(folder), limits, 1)

        app = create_app(dictations, lambda _: local_user(None), limits)
        with DictationServer(app, "127.0.0.1", 0) as server:
            for recording in _recordings(arguments.data):
                started, busy = time.perf_counter(), time.process_time()
                told = _dictate(server.url("127.0.0.1"), recording, arguments.pace, started)
                cpu += time.process_time() - busy
                heard_s += len(recording) / SAMPLE_RATE
                finals += _delays(told, arguments.pace)
                first_guesses += _first_guesses(told, arguments.pace)
    print(f"{heard_s:.0f} s of speech, {len(finals)} phrases, at {arguments.pace:g} times their pace")
    print(f"  end of phrase to its last sentence   {_spread(finals)}")
    print(f"  start of phrase to its first guess   {_spread(first_guesses)}")
    print(f"  CPU / audio                          {cpu / heard_s:.3f}")


def _recordings(data: Path | None) -> Iterator[Samples]:
    """Each with a little silence at its end, in which its last phrase ends."""
    files = [SETTINGS.models_path / "recordings" / name for name in RECORDINGS]
    if data is not None:
        files += sorted(data.glob("*.flac"))[::5][:CLIPS]
    for file in files:
        spoken = (decoding.decode(file) * 32767).astype(np.int16)
        yield np.concatenate([spoken, np.zeros(round(SILENCE_S * SAMPLE_RATE), np.int16)])


def _dictate(url: str, recording: Samples, pace: float, started: float) -> list[Told]:
    told: list[Told] = []
    with Client(url) as client:

        def listen() -> None:
            try:
                while True:
                    frame = client.next()
                    told.append(Told(time.perf_counter() - started, frame))
            except ConnectionClosed:
                return

        listener = threading.Thread(target=listen)
        listener.start()
        for at in range(0, len(recording), round(CHUNK_S * SAMPLE_RATE)):
            client.socket.send(recording[at : at + round(CHUNK_S * SAMPLE_RATE)].tobytes())
            due = started + (at / SAMPLE_RATE + CHUNK_S) / pace
            time.sleep(max(0.0, due - time.perf_counter()))
        client.say({"type": "stop"})
        listener.join()
    return told


def _delays(told: list[Told], pace: float) -> list[float]:
    """Seconds from the end of each phrase to its last sentence."""
    finals = [each for each in told if each.frame["type"] == "final"]
    later = [*(each.at for each in finals[1:]), float("inf")]
    return [
        each.at - each.frame["segment"]["end"] / pace
        for each, next_at in zip(finals, later, strict=True)
        if next_at - each.at > _TOGETHER_S
    ]


def _first_guesses(told: list[Told], pace: float) -> list[float]:
    """Seconds from the start of each phrase to the first that was shown of it."""
    found, open_ = list[float](), False
    for at, frame in told:
        if frame["type"] == "partial" and not open_:
            found.append(at - frame["start"] / pace)
        open_ = frame["type"] == "partial" or (open_ and frame["type"] == "credit")
    return found


def _spread(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    return f"median {statistics.median(ordered):.2f} s   p95 {p95:.2f} s   of {len(ordered)}"


if __name__ == "__main__":
    main()
