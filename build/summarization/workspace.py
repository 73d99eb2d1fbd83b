"""What every step works with: the configuration, the run's folder, the data and the base model."""

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
from build.summarization.extractive import fit
from build.summarization.network import pointer_generator as network
from build.summarization.network.pointer_generator import Summarizer
from build.summarization.network.vocabulary import Vocabulary
from build.summarization.run_dir import RunDir
from build.training import checkpoint
from functions.summarization.extractive import ExtractiveEngine


class Workspace:
    """Opens the run folder and finds data and base model, fetching the latter if it is not there."""

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
        self.run = RunDir(runs, config)
        self.run.open()
        self.data = data
        self.models = models
        self.encoder = encoder
        self.base = base or base_model.obtain(runs / "base")
        torch.set_num_threads(config.threads)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(tokenization.load_tokenizer(self.base.tokenizer))

    @cached_property
    def texts(self) -> PretrainingTexts:
        """What pretraining reads."""
        return training_data.texts(self.data, self.config.share, self.config.seed)

    def fresh(self) -> Summarizer:
        """A network that begins as the base model; the tokens it can write are counted once a run."""
        if not self.run.common.is_file():
            known = self.texts
            stories = (" ".join(story) for story in known.stories)
            found = self.vocabulary.common([*stories, *known.comments], self.config.network.common)
            checkpoint.save_arrays(self.run.common, {"common": np.asarray(found)})
        common = checkpoint.load_arrays(self.run.common, "pretrain")["common"].tolist()
        torch.manual_seed(self.config.seed)
        return network.from_base(self.base, self.config.network, common)

    def pretrained(self, variant: str) -> Summarizer:
        """A network as a variant's training finds it: as pretraining left it, or the variant before."""
        after = self.config.variants[variant].after
        if after is not None:
            return self.trained(after)
        model = self.fresh()
        checkpoint.load_weights(self.run.pretrained, model)
        return model

    def trained(self, variant: str) -> Summarizer:
        """A network as fine-tuning left it."""
        model = self.fresh()
        checkpoint.load_weights(self.run.variant(variant), model)
        return model

    def guided(self, pairs: list[Pair]) -> list[Pair]:
        """Pairs whose source begins with what the extractive engine quotes of it (guidance: Dou et al. 2021,
        https://aclanthology.org/2021.naacl-main.384).

        Raises:
            CheckpointError: the extractive engine has not been fitted.
        """
        known = self._guidance | self._quoted(pairs)
        return [msgspec.structs.replace(pair, source=f"{known[pair.id]}\n{pair.source}") for pair in pairs]

    @cached_property
    def quoting(self) -> ExtractiveEngine:
        """The extractive engine as this run fitted it."""
        return ExtractiveEngine.load(self.run.extractive, self.encoder)

    def _quoted(self, pairs: list[Pair]) -> dict[str, str]:
        """What is quoted of texts the engine did not learn from; kept, as it takes a while for many."""
        path = self.run.quoted
        known = msgspec.json.decode(path.read_bytes(), type=dict[str, str]) if path.is_file() else {}
        fresh = fit.quoted(pairs, self.quoting, known=self._guidance.keys() | known.keys())
        if fresh:
            write_json(path, known | fresh)
        return known | fresh

    @cached_property
    def _guidance(self) -> dict[str, str]:
        path = self.run.guidance
        if not path.is_file():
            raise CheckpointError(f"{path.parent} holds no {path.name}: run the fit-extractive step first")
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])

    def watched(self, name: str) -> list[Pair]:
        """Some dev pairs of a set; of stories, the recalled ones."""
        found = summaries.load(self.data / "summaries", name, "dev")
        return [pair for pair in found if pair.kind in ("", "recalled")][: self.config.watched]
