"""Minutes of sound through the real engine, in a separate process whose peak memory is measured.

`HYPOTHESIS_PROFILE=verify` transcribes thirteen minutes, otherwise five.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from functions.shared.audio import decoding
from functions.shared.audio.decoding import SAMPLE_RATE
from tests.unit.transcription.media import KINDS, encode

MINUTES = 13 if os.environ.get("HYPOTHESIS_PROFILE") == "verify" else 5
MAX_MIB = 450

# VmHWM is the peak of this process alone: `ru_maxrss` starts at that of the process it was forked from.
SCRIPT = """
import json, re, sys
from pathlib import Path
from functions.shared.runtime.malloc import share_heap
from functions.transcription.transcriber import load_engine, transcribe_file

share_heap()
engine = load_engine("moonshine", Path(sys.argv[1]), threads=2)
transcript, reason = transcribe_file(engine, Path(sys.argv[2]))
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps({"text": transcript.text, "starts": [s.start for s in transcript.segments], "peak": peak}))
"""


@pytest.mark.models
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
def test_a_long_recording_is_transcribed_in_bounded_memory(
    models: Path, recordings: Path, tmp_path: Path
) -> None:
    reading = np.concatenate(
        [decoding.decode(recordings / "two_cities.wav"), np.zeros(SAMPLE_RATE, np.float32)]
    )
    times = MINUTES * 60 * SAMPLE_RATE // len(reading)
    note = encode(np.tile(reading, times), tmp_path / "note", KINDS["live webm"])
    command = [sys.executable, "-c", SCRIPT, str(models), str(note)]
    finished = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    result = json.loads(finished.stdout)
    assert result["text"].count("best of times") == times
    assert result["text"].count("epoch of incredulity") == times
    assert result["starts"] == sorted(result["starts"])
    assert result["starts"][-1] > (times - 0.5) * len(reading) / SAMPLE_RATE
    assert result["peak"] < MAX_MIB
