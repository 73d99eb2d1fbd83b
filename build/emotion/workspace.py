"""What every step works with: the configuration, the run's folder, the data and the base model."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec
import torch
from tokenizers import Tokenizer

from build import base_model, tokenization
from build.base_model import BaseModel
from build.emotion.config import Config
from build.emotion.data import datasets
from build.emotion.data.datasets import Sources
from build.emotion.run_dir import Run
from build.emotion.training import student
from build.emotion.training.student import Material, School
from build.emotion.training.teacher import Lesson
from build.evaluation.thresholds import More
from build.text_encoder import EMOTIONS
from build.training import checkpoint


class Workspace(NamedTuple):
    """What every step works with."""

    config: Config
    run: Run
    data: Path
    base: BaseModel
    models: Path

    @classmethod
    def open(cls, config: Config, data: Path | None, runs: Path, models: Path) -> Workspace:
        """Open the run folder, and find data and base model, fetching what is not there."""
        run = Run(runs, config)
        run.open()
        torch.set_num_threads(config.threads)
        return cls(config, run, datasets.find(data, runs / "data"), base_model.obtain(runs / "base"), models)

    @property
    def tokenizer(self) -> Tokenizer:
        return tokenization.open_tokenizer(self.base.tokenizer)

    @property
    def school(self) -> School:
        return School(self.config, self.base, self.tokenizer)

    def read(self) -> Sources:
        """The data the configuration asks for."""
        return datasets.read(self.data, self.config)

    def material(self) -> Material:
        """The data, what the teachers say of it, and where the base model has it."""
        found = self.read()
        lesson = Lesson.load(self.run.lesson) if self.config.teacher else None
        if not self.config.heads.embedding:
            return Material(found, lesson, None)
        embeddings = self.school.original_embeddings(student.texts(found), self.run.embeddings)
        return Material(found, lesson, embeddings)

    def unseen(self, found: Sources) -> dict[str, More]:
        """By head, what is known of training texts that those who judged them had not seen."""
        said = checkpoint.load_arrays(self.run.student.unseen, "train")
        if self.config.teacher:
            said[EMOTIONS] = Lesson.load(self.run.lesson).labelled
        return {head: More(each, found.train[head].targets > 0) for head, each in said.items()}

    @property
    def width(self) -> int:
        """Of the embedding."""
        return self._shape("hidden_size")

    @property
    def attention_heads(self) -> int:
        """A layer's."""
        return self._shape("num_attention_heads")

    def _shape(self, name: str) -> int:
        return int(msgspec.json.decode(self.base.config.read_bytes())[name])
