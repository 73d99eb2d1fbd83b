"""Runs an exported model the way it is served: tokenizer and ONNX graph, no torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import onnxruntime

from build.emotion import tokens

Batches = Sequence[npt.NDArray[np.int64]]


class Encoded(NamedTuple):
    """``emotions`` (n, labels): raw logits; ``embedding`` (n, width): of length one."""

    emotions: npt.NDArray[np.float32]
    embedding: npt.NDArray[np.float32]


class OnnxEncoder:
    """A model file and its tokenizer."""

    def __init__(self, model: Path, tokenizer: Path, max_length: int, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self.tokenizer = tokens.open_tokenizer(tokenizer)
        self.max_length = max_length

    def rows(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text."""
        return tokens.encode(self.tokenizer, texts, self.max_length)

    def run(self, rows: Sequence[Sequence[int]]) -> Encoded:
        """One batch, padded to its longest row."""
        ids, mask = tokens.pad(rows)
        feed = {"input_ids": ids, "attention_mask": mask}
        return Encoded(*self.session.run(["emotions", "embedding"], feed))

    def run_batches(self, rows: Sequence[Sequence[int]], batches: Batches) -> npt.NDArray[np.float32]:
        """Logits (rows, labels) of all rows, run in the given batches of row numbers."""
        parts = [self.run([rows[index] for index in batch]).emotions for batch in batches]
        logits = np.zeros((len(rows), parts[0].shape[1]), dtype=np.float32)
        logits[np.concatenate(list(batches))] = np.concatenate(parts)
        return logits
