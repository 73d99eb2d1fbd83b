"""Word error rate on labelled speech: `python -m tests.benchmarks.wer --data FOLDER`.

The folder holds recordings and `manifest.tsv` (file, transcript, set). Both sides pass Whisper's English
normaliser, and errors are summed over a source before they are divided by its words. CPU time is the
process's, all threads, from file to transcript; the peak is that of the whole process.
"""

from __future__ import annotations

import argparse
import csv
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from functions.shared.runtime.settings import Settings
from functions.transcription.transcriber import load_engine, transcribe_file

ALL = "all"


class Clip(NamedTuple):
    source: str
    file: Path
    reference: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--engine", choices=["moonshine", "whisper"], default="moonshine")
    parser.add_argument("--whisper-model", default=None, help="a model folder")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    engine = load_engine(
        arguments.engine, Settings().models_path, arguments.whisper_model, threads=arguments.threads
    )
    from whisper_normalizer.english import EnglishTextNormalizer

    normalise: Callable[[str], str] = EnglishTextNormalizer()
    errors, words, empty = Counter[str](), Counter[str](), 0
    heard_s, started, cpu = 0.0, time.perf_counter(), time.process_time()
    for clip in clips(arguments.data):
        transcript, reason = transcribe_file(engine, clip.file)
        reference = normalise(clip.reference).split()
        wrong = distance(reference, normalise(transcript.text).split())
        for source in (clip.source, ALL):
            errors[source] += wrong
            words[source] += len(reference)
        empty += reason is not None
        heard_s += transcript.duration_s or 0.0
    wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    for source in sorted(words, key=lambda source: (source == ALL, source)):
        share = 100 * errors[source] / words[source]
        print(f"WER {source:12} {share:6.2f} %  ({errors[source]} of {words[source]} words)")
    print(f"CPU / audio      {cpu / heard_s:6.4f}     (wall {wall / heard_s:.4f}; {heard_s:.0f} s of audio)")
    print(f"peak memory      {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.0f} MiB")
    print(f"left empty       {empty:6}")


def clips(folder: Path) -> Iterator[Clip]:
    with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Clip(row["set"], folder / row["file"], row["transcript"])


def distance(reference: Sequence[str], heard: Sequence[str]) -> int:
    """Levenshtein's distance in words."""
    row = list(range(len(heard) + 1))
    for index, expected in enumerate(reference, start=1):
        diagonal, row[0] = row[0], index
        for column, word in enumerate(heard, start=1):
            substituted = diagonal + (word != expected)
            diagonal = row[column]
            row[column] = min(substituted, diagonal + 1, row[column - 1] + 1)
    return row[-1]


if __name__ == "__main__":
    main()
