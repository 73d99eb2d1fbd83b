"""Latency and size of the summarizers: one thread, medians, interleaved in one run."""

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

from build.summarization.evaluation.records import Timing
from build.summarization.export import graphs
from build.summarization.export.quantize import quantize
from build.summarization.export.t5_graph import T5Network
from functions.shared.runtime.onnx import load_session
from functions.shared.text import sentences
from functions.summarization.abstracts.beam_search import DecodingConfig, search
from functions.summarization.abstracts.seq2seq import DECODER, ENCODER, Seq2Seq, Seq2SeqConfig
from functions.summarization.engine import Engine, Text

SOURCE_TOKENS, WRITTEN_TOKENS = 256, 64
SOURCE_IDS = (1000, 20000)
"""Range of token ids that are words in every vocabulary."""
_PASSES = 7
SHAPE: dict[str, Any] = {
    "vocab_size": 32128, "d_model": 512, "d_kv": 64, "d_ff": 2048, "num_layers": 6, "num_decoder_layers": 6,
    "num_heads": 8, "decoder_start_token_id": 0,
}  # fmt: skip
"""T5-small's architecture."""


def random_t5_small(folder: Path) -> Seq2Seq:
    """T5-small in int8 with random weights: latency and size are real, the output is noise."""
    if not (folder / "int8" / DECODER).is_file():
        torch.manual_seed(0)
        graphs.export(T5Network(T5ForConditionalGeneration(T5Config(**SHAPE))), folder / "fp32")
        quantize(folder / "fp32", folder / "int8")
    config = Seq2SeqConfig(
        name="t5-small", version="random", family="t5", max_source=512, opening=0, end=1,
        layers=SHAPE["num_layers"], heads=SHAPE["num_heads"], head_width=SHAPE["d_kv"],
    )  # fmt: skip
    encoder, decoder = (load_session(folder / "int8" / name) for name in (ENCODER, DECODER))
    return Seq2Seq(config, encoder, decoder, Tokenizer(models.WordLevel({"a": 0}, unk_token="a")))  # noqa: S106


def megabytes(folder: Path) -> float:
    """Total size of an artifact's files."""
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) / 1e6


def time_models(models: Mapping[str, tuple[Seq2Seq, Path]]) -> list[Timing]:
    """Time every model on reading 256 tokens and generating 64 greedily."""
    settings = DecodingConfig(beams=1, least=WRITTEN_TOKENS, most=WRITTEN_TOKENS, no_repeat=0)
    source = np.random.default_rng(1).integers(*SOURCE_IDS, SOURCE_TOKENS).tolist()

    def run(model: Seq2Seq) -> Callable[[], object]:
        return lambda: search(model.read(source), model.config.opening, model.config.end, settings)

    milliseconds = time_interleaved({name: run(model) for name, (model, _) in models.items()})
    detail = f"{SOURCE_TOKENS} tokens in, {WRITTEN_TOKENS} out, greedy"
    return [
        Timing(name=name, milliseconds=milliseconds[name], megabytes=megabytes(folder), detail=detail)
        for name, (_, folder) in models.items()
    ]


def time_engines(engines: Mapping[str, Engine], story: str) -> list[Timing]:
    """Time every engine on one story, from text to summary."""
    texts = [Text(sentences.segments(story))]

    def run(engine: Engine) -> Callable[[], object]:
        return lambda: engine.summarize(texts)

    milliseconds = time_interleaved({name: run(engine) for name, engine in engines.items()})
    detail = f"a story of {len(story.split())} words, from text to summary"
    return [
        Timing(name=name, milliseconds=ms, megabytes=0.0, detail=detail) for name, ms in milliseconds.items()
    ]


def time_interleaved(runs: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Median milliseconds of each engine, with interleaved runs."""
    milliseconds: dict[str, list[float]] = {name: [] for name in runs}
    for round_number in range(_PASSES + 1):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            if round_number:  # the first round warms up
                milliseconds[name].append((time.perf_counter() - start) * 1e3)
    return {name: statistics.median(times) for name, times in milliseconds.items()}
