"""Shared inputs of the pipeline's steps: configuration, run folder, entries and base model."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
from tokenizers import Tokenizer

from build import base_model, tokenization
from build.base_model import BaseModel
from build.data.dataset import random_share
from build.data.journal import entries
from build.data.journal.entries import Entry, Split
from build.insight.config import Base, Config
from build.insight.run_dir import RunDir

SOURCES = {Base.MINILM: base_model.MINILM, Base.MPNET: base_model.MPNET}


class Workspace(NamedTuple):
    """Shared inputs of the pipeline's steps.

    Attributes:
        data: a folder with the texts of other sources; None uses the project's own entries alone.
        models: the folder of released artifacts, with which the reader is evaluated.
        release: the folder that the reader is released to.
    """

    config: Config
    run_dir: RunDir
    data: Path | None
    base: BaseModel
    models: Path
    release: Path

    @classmethod
    def open(cls, config: Config, data: Path | None, runs: Path, models: Path, release: Path) -> Workspace:
        """Create the run folder, and find the base model, downloading it if it is missing."""
        run_dir = RunDir(runs, config)
        run_dir.open()
        torch.set_num_threads(config.threads)
        base = base_model.obtain(runs / "base", SOURCES[config.base])
        return cls(config, run_dir, data, base, models, release)

    @property
    def tokenizer(self) -> Tokenizer:
        return tokenization.load_tokenizer(self.base.tokenizer)

    def entries(self, split: Split) -> list[Entry]:
        """The entries of a split; with a `share` below 1, a random part of them."""
        loaded = entries.load(split, self.data)
        if self.config.share == 1.0:
            return loaded
        rows = random_share(len(loaded), self.config.share, self.config.seed)
        return [loaded[row] for row in rows]
