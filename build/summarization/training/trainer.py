"""Trains a summarizer; saves it and monitors ROUGE after each epoch."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

from build import tokenization
from build.data.summaries import Pair
from build.summarization import rouge
from build.summarization.config import Training
from build.summarization.data.pretraining import Example
from build.summarization.data.training_data import ExampleSampler
from build.summarization.network.greedy import write_summaries
from build.summarization.network.pointer_generator import Summarizer, nll_loss
from build.summarization.network.vocabulary import Vocabulary
from build.training import checkpoint
from build.training.checkpoint import TrainingState
from build.training.checkpoint_dir import CheckpointDir
from build.training.ema import EMA
from build.training.optim import CosineWithWarmup, weight_decay_groups
from build.training.progress import ProgressLogger

log = logging.getLogger(__name__)

_IGNORE_INDEX = -1


class Batch(NamedTuple):
    """Token ids: ``source`` and ``mask`` (batch, source), ``target`` (batch, target + 1) padded with
    ``_IGNORE_INDEX``; ``weights`` (batch,).
    """

    source: Tensor
    mask: Tensor
    target: Tensor
    weights: Tensor

    def to(self, device: torch.device) -> Batch:
        """Move to another device."""
        return Batch(*(part.to(device) for part in self))


class Trainer:
    """Trains one network."""

    def __init__(
        self,
        settings: Training,
        model: Summarizer,
        vocabulary: Vocabulary,
        checkpoint_dir: CheckpointDir,
        *,
        seed: int,
    ) -> None:
        self.settings = settings
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = model.to(self.device)
        self.vocabulary = vocabulary
        self.checkpoint_dir = checkpoint_dir
        self.seed = seed
        decoder_parts = nn.ModuleList(part for name, part in model.named_children() if name != "encoder")
        self.optimizer = AdamW(
            [
                *weight_decay_groups(model.encoder, settings.encoder_lr, settings.weight_decay),
                *weight_decay_groups(decoder_parts, settings.decoder_lr, settings.weight_decay),
                {"params": [model.bias], "lr": settings.decoder_lr, "weight_decay": 0.0},
            ],
            fused=True,
        )
        self.ema = EMA(model, settings.ema_decay)

    def fit(self, sampler: ExampleSampler, dev: list[Pair]) -> None:
        """Train, resuming from a checkpoint. ``dev`` is only monitored, for the training curve."""
        steps = len(self._plan_batches(sampler(0), 0)) * self.settings.epochs
        scheduler = LambdaLR(self.optimizer, CosineWithWarmup(steps, self.settings.warmup))
        state = TrainingState(self.model, self.optimizer, scheduler, self.ema)
        for epoch in range(checkpoint.resume(self.checkpoint_dir, state), self.settings.epochs):
            torch.manual_seed(self.seed * 1000 + epoch)
            point = self._epoch(epoch, sampler(epoch), scheduler)
            checkpoint.save_checkpoint(self.checkpoint_dir, state, epoch + 1)
            with self.ema.applied():
                checkpoint.save_weights(self.checkpoint_dir, self.model, epoch + 1)
                point |= self.score(dev)
            log.info("%s", {key: value for key, value in point.items() if key != "train_losses"})
            self.checkpoint_dir.append_to_curve(point)

    def score(self, dev: list[Pair]) -> dict[str, Any]:
        """Mean loss on dev pairs, and ROUGE of greedily decoded summaries."""
        self.model.eval()
        batches = list(self._batches([Example(pair.source, pair.summary) for pair in dev], 0))
        with torch.inference_mode():
            losses = [float(self._loss(batch.to(self.device))) for batch in batches]
        summaries = write_summaries(
            self.model, self.vocabulary, [pair.source for pair in dev], self.settings.max_source
        )
        means = rouge.score([pair.summary for pair in dev], summaries).mean(axis=0)
        scores = dict(zip(rouge.NAMES, np.round(means, 2).tolist(), strict=True))
        return {"dev_loss": float(np.mean(losses)), **scores}

    def _epoch(self, epoch: int, examples: list[Example], scheduler: LambdaLR) -> dict[str, Any]:
        self.model.train()
        progress = ProgressLogger(epoch, self.settings.epochs, len(self._plan_batches(examples, epoch)))
        for batch in self._batches(examples, epoch):
            loss = self._loss(batch.to(self.device))
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.max_grad_norm)
            self.optimizer.step()
            scheduler.step()
            self.ema.update()
            progress.add(float(loss.detach()), float(scheduler.get_last_lr()[-1]))
        return {"epoch": epoch + 1, "train_loss": progress.mean(), "train_losses": progress.means()}

    def _loss(self, batch: Batch) -> Tensor:
        """Mean over all target tokens, weighted by example."""
        inputs, targets = batch.target[:, :-1].clamp_min(0), batch.target[:, 1:]
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.settings.bf16):
            output = self.model(batch.source, batch.mask, inputs)
        weights = (targets != _IGNORE_INDEX) * batch.weights[:, None]
        token_losses = nll_loss(output, self.model.output_index, batch.source, targets.clamp_min(0))
        return (token_losses * weights).sum() / weights.sum()

    def _plan_batches(self, examples: list[Example], epoch: int) -> list[tokenization.Ids]:
        sources = self.vocabulary.sources([example.source for example in examples], self.settings.max_source)
        return tokenization.token_budget_batches(
            [len(row) for row in sources], self.settings.batch_tokens, (self.seed, epoch)
        )

    def _batches(self, examples: list[Example], epoch: int) -> Iterator[Batch]:
        max_target_tokens = self.model.positions.num_embeddings
        sources = self.vocabulary.sources([example.source for example in examples], self.settings.max_source)
        targets = self.vocabulary.targets([example.target for example in examples], max_target_tokens)
        weights = np.asarray([example.weight for example in examples], dtype=np.float32)
        for rows in self._plan_batches(examples, epoch):
            source, mask = tokenization.pad_batch([sources[row] for row in rows], self.vocabulary.pad)
            target, _ = tokenization.pad_batch([targets[row] for row in rows], _IGNORE_INDEX)
            yield Batch(*map(torch.from_numpy, (source, mask, target, weights[rows])))
