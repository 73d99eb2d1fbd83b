"""Latency from one text to its logits, on one thread; includes tokenization."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from tokenizers import Tokenizer

from build import tokenization
from build.evaluation.records import Latency
from build.quantization import latency
from build.text_encoder import TextEncoder
from functions.shared.text.encoder import TextEncoder as Serving

Engine = Callable[[str], object]


def compare(engines: Mapping[str, Engine], texts: Sequence[str]) -> dict[str, Latency]:
    """Time engines on the same texts, interleaved."""
    runs = {name: _by_index(run, texts) for name, run in engines.items()}
    with _one_thread(), torch.inference_mode():
        return latency.time_interleaved(runs, len(texts))


def serving(encoder: Serving) -> Engine:
    """An ONNX model in the serving code, which opens it with one thread."""
    return lambda text: encoder.encode([text])


def eager(model: TextEncoder, tokenizer: Tokenizer, max_length: int) -> Engine:
    """The same network in torch, float32, eager."""
    model.eval()

    def run(text: str) -> object:
        ids, mask = tokenization.pad_batch(tokenization.encode(tokenizer, [text], max_length))
        return model(torch.from_numpy(ids), torch.from_numpy(mask))

    return run


def _by_index(run: Engine, texts: Sequence[str]) -> latency.TimedRun:
    return lambda index: run(texts[index])


@contextmanager
def _one_thread() -> Iterator[None]:
    previous = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(previous)
