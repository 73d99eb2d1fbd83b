"""How long summaries take, and how large the models are: one thread, medians, all in one run and in turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer, models
from transformers import T5Config, T5ForConditionalGeneration

from build.summarization import graphs
from build.summarization.records import Timing
from build.summarization.small_graphs import quantise
from build.summarization.t5 import T5Network
from functions.shared.runtime.onnx import load_session
from functions.shared.text import sentences
from functions.summarization.beam_search import DecodingConfig, search
from functions.summarization.engine import Engine, Text
from functions.summarization.seq2seq import DECODER, ENCODER, Seq2Seq, Seq2SeqConfig

SOURCE_TOKENS, WRITTEN_TOKENS = 256, 64
SOURCE_IDS = (1000, 20000)
"""Tokens that are words in every vocabulary: the first, and behind the last."""
_PASSES = 7
SHAPE: dict[str, Any] = {
    "vocab_size": 32128, "d_model": 512, "d_kv": 64, "d_ff": 2048, "num_layers": 6, "num_decoder_layers": 6,
    "num_heads": 8, "decoder_start_token_id": 0,
}  # fmt: skip


def t5_small(folder: Path) -> Seq2Seq:
    """T5-small's shape in int8, with random weights: its time and size are true, what it writes is not."""
    if not (folder / "int8" / DECODER).is_file():
        torch.manual_seed(0)
        graphs.export(T5Network(T5ForConditionalGeneration(T5Config(**SHAPE))), folder / "fp32")
        quantise(folder / "fp32", folder / "int8")
    config = Seq2SeqConfig(
        name="t5-small", version="random", family="t5", max_source=512, opening=0, end=1,
        layers=SHAPE["num_layers"], heads=SHAPE["num_heads"], head_width=SHAPE["d_kv"],
    )  # fmt: skip
    encoder, decoder = (load_session(folder / "int8" / name) for name in (ENCODER, DECODER))
    return Seq2Seq(config, encoder, decoder, Tokenizer(models.WordLevel({"a": 0}, unk_token="a")))  # noqa: S106


def megabytes(folder: Path) -> float:
    """Of all files of an artifact."""
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) / 1e6


def writing(found: Mapping[str, tuple[Seq2Seq, Path]]) -> list[Timing]:
    """Every model reads 256 tokens and writes 64, the likeliest each time."""
    how = DecodingConfig(beams=1, least=WRITTEN_TOKENS, most=WRITTEN_TOKENS, no_repeat=0)
    source = np.random.default_rng(1).integers(*SOURCE_IDS, SOURCE_TOKENS).tolist()

    def run(model: Seq2Seq) -> Callable[[], object]:
        return lambda: search(model.read(source), model.config.opening, model.config.end, how)

    spent = in_turns({name: run(model) for name, (model, _) in found.items()})
    detail = f"{SOURCE_TOKENS} tokens in, {WRITTEN_TOKENS} out, greedy"
    return [
        Timing(name=name, milliseconds=spent[name], megabytes=megabytes(folder), detail=detail)
        for name, (_, folder) in found.items()
    ]


def summarizing(engines: Mapping[str, Engine], story: str) -> list[Timing]:
    """Every engine summarizes one story, from text to summary."""
    texts = [Text(sentences.segments(story))]

    def run(engine: Engine) -> Callable[[], object]:
        return lambda: engine.summarize(texts)

    spent = in_turns({name: run(engine) for name, engine in engines.items()})
    detail = f"a story of {len(story.split())} words, from text to summary"
    return [Timing(name=name, milliseconds=ms, megabytes=0.0, detail=detail) for name, ms in spent.items()]


def in_turns(runs: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Median milliseconds of each, the engines taking turns."""
    spent: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(_PASSES + 1):
        for name, run in runs.items():
            started = time.perf_counter()
            run()
            if turn:  # the first warms up
                spent[name].append((time.perf_counter() - started) * 1e3)
    return {name: statistics.median(each) for name, each in spent.items()}
