"""Shared inputs of the pipeline steps: configuration, run folder, data, models."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import msgspec
import numpy as np
import torch

from build import base_model, tokenization
from build.base_model import BaseModel
from build.data import summaries
from build.data.summaries import Pair
from build.errors import CheckpointError
from build.files import write_json
from build.summarization.config import Config
from build.summarization.data import training_data
from build.summarization.data.training_data import PretrainingTexts
from build.summarization.extractive import tuning
from build.summarization.network import pointer_generator
from build.summarization.network.pointer_generator import Summarizer
from build.summarization.network.vocabulary import Vocabulary
from build.summarization.run_dir import RunDir
from build.training import checkpoint
from functions.summarization.extracts.engine import ExtractiveEngine


class Workspace:
    """Creates the run folder and finds data and base model, which is downloaded if missing."""

    def __init__(
        self,
        config: Config,
        data: Path,
        runs: Path,
        models: Path,
        encoder: Path,
        base: BaseModel | None = None,
    ) -> None:
        self.config = config
        self.run_dir = RunDir(runs, config)
        self.run_dir.open()
        self.data = data
        self.models = models
        self.encoder = encoder
        self.base = base or base_model.obtain(runs / "base")
        torch.set_num_threads(config.threads)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(tokenization.load_tokenizer(self.base.tokenizer))

    @cached_property
    def pretraining_texts(self) -> PretrainingTexts:
        """Texts for pretraining."""
        return training_data.load_pretraining_texts(self.data, self.config.share, self.config.seed)

    def new_model(self) -> Summarizer:
        """A network initialized from the base model; its output vocabulary is counted once per run."""
        if not self.run_dir.output_vocabulary.is_file():
            texts = self.pretraining_texts
            stories = (" ".join(story) for story in texts.stories)
            token_ids = self.vocabulary.most_frequent(
                [*stories, *texts.comments], self.config.network.output_vocabulary
            )
            checkpoint.save_arrays(self.run_dir.output_vocabulary, {"token_ids": np.asarray(token_ids)})
        output_vocabulary = checkpoint.load_arrays(self.run_dir.output_vocabulary, "pretrain")[
            "token_ids"
        ].tolist()
        torch.manual_seed(self.config.seed)
        return pointer_generator.from_base(self.base, self.config.network, output_vocabulary)

    def initial_model(self, variant: str) -> Summarizer:
        """Initial network of a variant's fine-tuning: the pretrained one, or that of another variant."""
        init_from = self.config.variants[variant].init_from
        if init_from is not None:
            return self.load_trained(init_from)
        model = self.new_model()
        checkpoint.load_weights(self.run_dir.pretrained, model)
        return model

    def load_trained(self, variant: str) -> Summarizer:
        """The fine-tuned network of a variant."""
        model = self.new_model()
        checkpoint.load_weights(self.run_dir.variant(variant), model)
        return model

    def with_extracts(self, pairs: list[Pair]) -> list[Pair]:
        """Pairs whose source starts with its extract (guided summarization: Dou et al. 2021,
        https://aclanthology.org/2021.naacl-main.384).

        Raises:
            CheckpointError: the extractive engine has not been fitted.
        """
        extracts = self._out_of_fold_extracts | self._extracts(pairs)
        return [msgspec.structs.replace(pair, source=f"{extracts[pair.id]}\n{pair.source}") for pair in pairs]

    @cached_property
    def extractive_engine(self) -> ExtractiveEngine:
        """The extractive engine fitted by this run."""
        return ExtractiveEngine.load(self.run_dir.extractive, self.encoder)

    def _extracts(self, pairs: list[Pair]) -> dict[str, str]:
        """Extracts of texts that the engine was not fitted on; cached, because they take a while."""
        path = self.run_dir.extracts
        cached = msgspec.json.decode(path.read_bytes(), type=dict[str, str]) if path.is_file() else {}
        new = tuning.extract_new(
            pairs, self.extractive_engine, known=self._out_of_fold_extracts.keys() | cached.keys()
        )
        if new:
            write_json(path, cached | new)
        return cached | new

    @cached_property
    def _out_of_fold_extracts(self) -> dict[str, str]:
        path = self.run_dir.out_of_fold_extracts
        if not path.is_file():
            raise CheckpointError(f"{path.parent} has no {path.name}: run the fit-extractive step first")
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])

    def monitored_pairs(self, name: str) -> list[Pair]:
        """Some dev pairs of a dataset; of Hippocorpus, recalled stories only."""
        pairs = summaries.load(self.data / "summaries", name, "dev")
        return [pair for pair in pairs if pair.kind in ("", "recalled")][: self.config.monitored_pairs]
