"""Emotion latency on one thread: `python -m tests.benchmarks.emotion_latency [--data FILE]`.

Prints milliseconds a text (median, 95th percentile) one at a time, and texts a second by batch size.
`--data` takes GoEmotions' dev.tsv or any file with one text a line (up to a tab).
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from functions.emotion.model import EmotionModel
from functions.shared.encoder import ENCODER

MODELS = Path(__file__).parents[2] / "models"
SENTENCES = (
    "I can't believe she remembered my birthday, it made my whole week.",
    "Nothing went right today and I just want to sleep.",
    "We had soup for dinner.",
    "I'm nervous about the interview tomorrow but I think I prepared well enough.",
    "Why would he say that in front of everyone? I was so embarrassed.",
    "Thanks for listening.",
)
WARM_UP = 20


def main() -> None:
    options = _options()
    texts = _texts(options.data, options.count)
    model = EmotionModel.load(options.models / ENCODER)
    model.predict(texts[:WARM_UP])
    spent = sorted(_milliseconds(model, [text]) for text in texts)
    print(f"{len(texts)} texts, one thread, {model.name} {model.version}")
    print(
        f"one at a time: median {statistics.median(spent):.2f} ms, p95 {spent[int(0.95 * len(spent))]:.2f} ms"
    )
    for size in (1, 8, 32, 64):
        batches = [texts[start : start + size] for start in range(0, len(texts), size)]
        total = sum(_milliseconds(model, batch) for batch in batches)
        print(f"batches of {size}: {len(texts) / total * 1000:.0f} texts/s")


def _milliseconds(model: EmotionModel, texts: Sequence[str]) -> float:
    started = time.perf_counter()
    model.predict(texts)
    return (time.perf_counter() - started) * 1000


def _texts(data: Path | None, count: int) -> list[str]:
    if data is None:
        return [SENTENCES[index % len(SENTENCES)] for index in range(count)]
    lines = data.read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[0] for line in lines[:count]]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="one text a line, up to a tab")
    parser.add_argument("--count", type=int, default=300, help="how many texts")
    parser.add_argument("--models", type=Path, default=MODELS, help="the folder of artifacts")
    return parser.parse_args()


if __name__ == "__main__":
    main()
