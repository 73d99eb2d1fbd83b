"""A tiny random network with the architecture of the shipped one, and its graphs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from build.quantization.variants import Source
    from build.text_encoder import TextEncoder

WORDS, WIDTH, HEADS, LABELS = 96, 64, 4, 5


@pytest.fixture
def network() -> TextEncoder:
    """Random weights, always the same; one channel is much larger, as in trained encoders."""
    return _network()


def _network() -> TextEncoder:
    import torch
    from transformers import BertConfig

    from build.text_encoder import TextEncoder

    torch.manual_seed(1)
    shape = BertConfig(
        vocab_size=WORDS,
        hidden_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=HEADS,
        intermediate_size=128,
        max_position_embeddings=48,
        hidden_act="gelu",
        initializer_range=0.2,
    )
    model: TextEncoder = TextEncoder(shape, {"emotions": LABELS}, 0.0)
    model.eval()
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            if name.endswith("LayerNorm.weight"):
                tensor[3] = 6.0
    return model


@pytest.fixture(scope="session")
def rows() -> list[list[int]]:
    random = np.random.default_rng(4)
    return [random.integers(1, WORDS, size=size).tolist() for size in random.integers(3, 24, size=40)]


@pytest.fixture(scope="session")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Float32 graph of the network."""
    from build.quantization import export

    path = tmp_path_factory.mktemp("graph") / "fp32.onnx"
    export.export(_network(), path, 17)
    return path


@pytest.fixture(scope="session")
def source(graph: Path, rows: list[list[int]]) -> Iterator[Source]:
    from build.quantization.variants import Source, feeds

    with Source.prepare(graph, HEADS, WIDTH, feeds(rows, 32, 0)) as prepared:
        yield prepared


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
