"""Runs every benchmark of docs/measurements.md that can run here: `python -m tests.benchmarks --data FOLDER`.

Each benchmark runs in a process of its own. Benchmarks without their labelled data are reported as not run.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the datasets")
    data = parser.parse_args().data
    return max([_run(name, needed, arguments) for name, needed, arguments in _plan(data)])


def _plan(data: Path) -> list[tuple[str, Path | None, list[str]]]:
    """(benchmark, required data, arguments)."""
    speech, texts, summaries = data / "speech", data / "goemotions" / "dev.tsv", data / "summaries"
    return [
        ("voice_note", None, []),
        ("dictation", None, ["--data", str(speech)] if speech.exists() else []),
        ("cold_start", None, ["--events"]),
        ("emotion_latency", texts, ["--data", str(texts)]),
        ("memory_lane", None, []),
        ("load", None, []),
        ("wer", speech, ["--data", str(speech)]),
        ("extractive_rouge", summaries, ["--data", str(summaries)]),
    ]


def _run(name: str, required: Path | None, arguments: list[str]) -> int:
    print(f"\n== {name}", flush=True)
    if required is not None and not required.exists():
        print(f"NOT RUN: {name} (no {required}; name its folder with DATA=…)")
        return 0
    command = [sys.executable, "-m", f"tests.benchmarks.{name}", *arguments]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
