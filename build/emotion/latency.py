"""Milliseconds from one text to its logits, on one thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from tokenizers import Tokenizer

from build import tokens
from build.emotion.model import TextEncoder
from build.evaluation.records import Latency
from functions.shared.encoder import TextEncoder as Serving

_PASSES = 5


def of_serving(encoder: Serving, texts: Sequence[str]) -> Latency:
    """An ONNX model in the code that serves it, opened with one thread."""
    return _measure(lambda text: encoder.encode([text]), texts)


def of_torch(model: TextEncoder, tokenizer: Tokenizer, max_length: int, texts: Sequence[str]) -> Latency:
    """The same network in torch, float32, eager."""

    def run(text: str) -> object:
        ids, mask = tokens.pad(tokens.encode(tokenizer, [text], max_length))
        return model(torch.from_numpy(ids), torch.from_numpy(mask))

    model.eval()
    with _one_thread(), torch.inference_mode():
        return _measure(run, texts)


def _measure(run: Callable[[str], object], texts: Sequence[str]) -> Latency:
    for text in texts[:20]:
        run(text)
    typical = np.median([[_time(run, text) for text in texts] for _ in range(_PASSES)], axis=0)
    return Latency(
        median_ms=float(np.median(typical)), p95_ms=float(np.percentile(typical, 95)), texts=len(texts)
    )


def _time(run: Callable[[str], object], text: str) -> float:
    started = time.perf_counter()
    run(text)
    return (time.perf_counter() - started) * 1e3


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
