"""Latency of live dictation: `python -m tests.benchmarks.dictation [--pace 4] [--data FOLDER]`.

Sends recordings to the real service in chunks of 100 ms, `pace` times as fast as they were spoken. The time
from the end of a phrase to its last `final` consists of the pause that ends the phrase, which scales with the
pace, and recognition, which does not. CPU time is that of the whole process, including partial results and
the client.
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
"""Messages closer than this belong to the same phrase."""


class ReceivedMessage(NamedTuple):
    at: float
    frame: dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pace", type=float, default=4.0)
    parser.add_argument("--data", type=Path, help="folder of additional recordings")
    arguments = parser.parse_args()
    limits, models = Limits(dictation_s=600.0), Models(SETTINGS)
    models.recognizer()
    finals, first_guesses, audio_s, cpu = list[float](), list[float](), 0.0, 0.0
    with tempfile.TemporaryDirectory() as folder:

        def dictations() -> DictationRegistry:
            return DictationRegistry(models.recognizer, lambda _: "entry", Path(folder), limits, 1)

        app = create_app(dictations, lambda _: local_user(None), limits)
        with DictationServer(app, "127.0.0.1", 0) as server:
            for recording in _recordings(arguments.data):
                start, cpu_start = time.perf_counter(), time.process_time()
                received = _dictate(server.url("127.0.0.1"), recording, arguments.pace, start)
                cpu += time.process_time() - cpu_start
                audio_s += len(recording) / SAMPLE_RATE
                finals += _delays(received, arguments.pace)
                first_guesses += _first_guesses(received, arguments.pace)
    print(f"{audio_s:.0f} s of speech, {len(finals)} phrases, at {arguments.pace:g} times the original pace")
    print(f"  end of phrase to last sentence        {_spread(finals)}")
    print(f"  start of phrase to first partial      {_spread(first_guesses)}")
    print(f"  CPU / audio                          {cpu / audio_s:.3f}")


def _recordings(data: Path | None) -> Iterator[Samples]:
    """Each recording, followed by silence that ends its last phrase."""
    files = [SETTINGS.models_path / "recordings" / name for name in RECORDINGS]
    if data is not None:
        files += sorted(data.glob("*.flac"))[::5][:CLIPS]
    for file in files:
        spoken = (decoding.decode(file) * 32767).astype(np.int16)
        yield np.concatenate([spoken, np.zeros(round(SILENCE_S * SAMPLE_RATE), np.int16)])


def _dictate(url: str, recording: Samples, pace: float, started: float) -> list[ReceivedMessage]:
    received: list[ReceivedMessage] = []
    with Client(url) as client:

        def listen() -> None:
            try:
                while True:
                    frame = client.next()
                    received.append(ReceivedMessage(time.perf_counter() - started, frame))
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
    return received


def _delays(received: list[ReceivedMessage], pace: float) -> list[float]:
    """Seconds from the end of each phrase to its last sentence."""
    finals = [message for message in received if message.frame["type"] == "final"]
    next_times = [*(message.at for message in finals[1:]), float("inf")]
    return [
        message.at - message.frame["segment"]["end"] / pace
        for message, next_at in zip(finals, next_times, strict=True)
        if next_at - message.at > _TOGETHER_S
    ]


def _first_guesses(received: list[ReceivedMessage], pace: float) -> list[float]:
    """Seconds from the start of each phrase to its first partial result."""
    delays, in_phrase = list[float](), False
    for at, frame in received:
        if frame["type"] == "partial" and not in_phrase:
            delays.append(at - frame["start"] / pace)
        in_phrase = frame["type"] == "partial" or (in_phrase and frame["type"] == "credit")
    return delays


def _spread(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    return f"median {statistics.median(ordered):.2f} s   p95 {p95:.2f} s   of {len(ordered)}"


if __name__ == "__main__":
    main()
