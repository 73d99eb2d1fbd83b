"""Latency of the emotion model on one thread: `python -m tests.benchmarks.emotion_latency [--data FILE]`.

Milliseconds for one text of the median length, interleaved with the same network in torch if torch is
installed; then texts per second by batch size, in batches of similar length. Includes tokenization. `--data`
is GoEmotions' dev.tsv or any file with one text per line (up to a tab).
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

from build.quantization import latency
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
TARGET_MS, TARGET_SPEEDUP, GOAL_SPEEDUP = 2.5, 4.5, 5.5
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
    _compare(engines, middle, f"one text of the median length ({len(middle)} texts)", latency.WALL)
    _compare(engines, middle, "the same, CPU time", latency.CPU_TIME)
    if "torch" not in engines:
        print("NOT RUN: torch eager (make .venv/build)")
    _compare({"serving": _alone(encoder)}, texts, f"one of {len(texts)} texts of any length", latency.WALL)
    for batch in BATCHES:
        print(
            f"batches of {batch}, by length: {_throughput(encoder.config, folder, texts, batch):.0f} texts/s"
        )
    print(f"serving uses batches of at most {encoder.config.batch}")


def _engines(encoder: TextEncoder, folder: Path) -> dict[str, Engine]:
    engines: dict[str, Engine] = {"serving": _alone(encoder)}
    if all(importlib.util.find_spec(name) for name in ("torch", "transformers")):
        from tests.benchmarks import torch_eager

        engines["torch"] = torch_eager.runner(encoder.config, folder)
    return engines


def _alone(encoder: TextEncoder) -> Engine:
    return lambda text: encoder.encode([text])


def _compare(
    engines: dict[str, Engine], texts: Sequence[str], description: str, clock: latency.Clock
) -> None:
    """Time the engines interleaved and print the result."""
    runs = {name: _by_index(engine, texts) for name, engine in engines.items()}
    latencies = latency.time_interleaved(runs, len(texts), clock)
    serving = latencies["serving"]
    print(
        f"{description}: median {serving.median_ms:.2f} ms (target {TARGET_MS}), p95 {serving.p95_ms:.2f} ms"
    )
    if eager := latencies.get("torch"):
        speedup = eager.median_ms / serving.median_ms
        print(
            f"  torch eager, float32, same shape, random weights: median {eager.median_ms:.2f} ms,"
            f" {speedup:.2f} times as slow (target {TARGET_SPEEDUP}, goal {GOAL_SPEEDUP})"
        )


def _by_index(engine: Engine, texts: Sequence[str]) -> latency.TimedRun:
    return lambda index: engine(texts[index])


def _throughput(config: EncoderConfig, folder: Path, texts: Sequence[str], batch: int) -> float:
    """Texts per second in batches of at most ``batch``; best of three."""
    batched = msgspec.structs.replace(config, batch=batch)
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    encoder = TextEncoder(batched, load_session(folder / GRAPH), tokenizer)
    encoder.encode(texts[:64])
    durations = []
    for _ in range(3):
        start = time.perf_counter()
        encoder.encode(texts)
        durations.append(time.perf_counter() - start)
    return len(texts) / min(durations)


def _of_median_length(folder: Path, texts: Sequence[str]) -> list[str]:
    """The texts whose token count is within one of the median."""
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    lengths = np.array([len(tokenizer.encode(text).ids) for text in texts])
    is_near = np.abs(lengths - np.median(lengths)) <= 1
    return [text for text, selected in zip(texts, is_near, strict=True) if selected]


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
    parser.add_argument("--data", type=Path, help="file with one text per line, up to a tab")
    parser.add_argument("--count", type=int, default=500, help="number of texts")
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of artifacts")
    return parser.parse_args()


if __name__ == "__main__":
    main()
