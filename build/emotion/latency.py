"""Milliseconds from one text to its logits, on one thread; tokenisation included."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from tokenizers import Tokenizer

from build import tokens
from build.emotion.model import TextEncoder
from build.evaluation.records import Latency
from build.quantisation import timing
from functions.shared.text.encoder import TextEncoder as Serving

Run = Callable[[str], object]


def compare(engines: Mapping[str, Run], texts: Sequence[str]) -> dict[str, Latency]:
    """Time engines on the same texts, in turns."""
    runs = {name: _by_index(run, texts) for name, run in engines.items()}
    with _one_thread(), torch.inference_mode():
        return timing.in_turns(runs, len(texts))


def serving(encoder: Serving) -> Run:
    """An ONNX model in the code that serves it, opened with one thread."""
    return lambda text: encoder.encode([text])


def eager(model: TextEncoder, tokenizer: Tokenizer, max_length: int) -> Run:
    """The same network in torch, float32, eager."""
    model.eval()

    def run(text: str) -> object:
        ids, mask = tokens.pad(tokens.encode(tokenizer, [text], max_length))
        return model(torch.from_numpy(ids), torch.from_numpy(mask))

    return run


def _by_index(run: Run, texts: Sequence[str]) -> timing.Run:
    return lambda index: run(texts[index])


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
