"""Emotion latency on one thread: `python -m tests.benchmarks.emotion_latency [--data FILE]`.

Milliseconds of one text of the median length, beside the same network in torch where torch is installed, in
turns; then texts a second by batch size, in batches of near-equal length. Tokenisation is included.
`--data` takes GoEmotions' dev.tsv or any file with one text a line (up to a tab).
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from tokenizers import Tokenizer

from build.quantisation import timing
from functions.shared.runtime.onnx import GRAPH, load_session
from functions.shared.text.encoder import ENCODER, TOKENIZER, EncoderConfig, TextEncoder, load_encoder

MODELS = Path(__file__).parents[2] / "models"
SENTENCES = (
    "I can't believe she remembered my birthday, it made my whole week.",
    "Nothing went right today and I just want to sleep.",
    "We had soup for dinner.",
    "I'm nervous about the interview tomorrow but I think I prepared well enough.",
    "Why would he say that in front of everyone? I was so embarrassed.",
    "Thanks for listening.",
)
BATCHES = (1, 4, 16, 64)
MOST_MS, LEAST_TIMES, GOAL_TIMES = 2.5, 4.5, 5.5
SEED = 20

Engine = Callable[[str], object]


def main() -> None:
    options = _options()
    texts = _texts(options.data, options.count)
    folder = options.models / ENCODER
    encoder = load_encoder(folder)
    middle = _of_median_length(folder, texts)
    size = (folder / GRAPH).stat().st_size / 1e6
    print(f"{encoder.config.name} {encoder.config.version}, {size:.1f} MB, one thread")
    engines = _engines(encoder, folder)
    _compare(engines, middle, f"one text of the median length ({len(middle)} texts)", timing.WALL)
    _compare(engines, middle, "the same, processor time", timing.PROCESSOR)
    if "torch" not in engines:
        print("NOT RUN: torch eager (make .venv/build)")
    _compare({"serving": _alone(encoder)}, texts, f"one of {len(texts)} texts of any length", timing.WALL)
    for batch in BATCHES:
        print(
            f"batches of {batch}, by length: {_throughput(encoder.config, folder, texts, batch):.0f} texts/s"
        )
    print(f"serving runs at most {encoder.config.batch} at once")


def _engines(encoder: TextEncoder, folder: Path) -> dict[str, Engine]:
    engines: dict[str, Engine] = {"serving": _alone(encoder)}
    if all(importlib.util.find_spec(name) for name in ("torch", "transformers")):
        from tests.benchmarks import torch_eager

        engines["torch"] = torch_eager.runner(encoder.config, folder)
    return engines


def _alone(encoder: TextEncoder) -> Engine:
    return lambda text: encoder.encode([text])


def _compare(engines: dict[str, Engine], texts: Sequence[str], what: str, clock: timing.Clock) -> None:
    """Time the engines in turns and print it."""
    runs = {name: _by_index(engine, texts) for name, engine in engines.items()}
    found = timing.in_turns(runs, len(texts), clock)
    mine = found["serving"]
    print(f"{what}: median {mine.median_ms:.2f} ms (target {MOST_MS}), p95 {mine.p95_ms:.2f} ms")
    if other := found.get("torch"):
        times = other.median_ms / mine.median_ms
        print(
            f"  torch eager, float32, same shape, random weights: median {other.median_ms:.2f} ms,"
            f" {times:.2f} times as long (target {LEAST_TIMES}, goal {GOAL_TIMES})"
        )


def _by_index(engine: Engine, texts: Sequence[str]) -> timing.Run:
    return lambda index: engine(texts[index])


def _throughput(config: EncoderConfig, folder: Path, texts: Sequence[str], batch: int) -> float:
    """Texts a second when at most ``batch`` run together; best of three."""
    batched = msgspec.structs.replace(config, batch=batch)
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    encoder = TextEncoder(batched, load_session(folder / GRAPH), tokenizer)
    encoder.encode(texts[:64])
    spent = []
    for _ in range(3):
        started = time.perf_counter()
        encoder.encode(texts)
        spent.append(time.perf_counter() - started)
    return len(texts) / min(spent)


def _of_median_length(folder: Path, texts: Sequence[str]) -> list[str]:
    """The texts whose number of tokens is the median, give or take one."""
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    lengths = np.array([len(tokenizer.encode(text).ids) for text in texts])
    near = np.abs(lengths - np.median(lengths)) <= 1
    return [text for text, chosen in zip(texts, near, strict=True) if chosen]


def _texts(data: Path | None, count: int) -> list[str]:
    if data is None:
        return [SENTENCES[index % len(SENTENCES)] for index in range(count)]
    lines = data.read_text(encoding="utf-8").split("\n")
    texts = [text for line in lines if (text := line.split("\t")[0].strip())]
    chosen = np.random.default_rng(SEED).permutation(len(texts))[:count]
    return [texts[index] for index in chosen]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="one text a line, up to a tab")
    parser.add_argument("--count", type=int, default=500, help="how many texts")
    parser.add_argument("--models", type=Path, default=MODELS, help="the folder of artifacts")
    return parser.parse_args()


if __name__ == "__main__":
    main()
