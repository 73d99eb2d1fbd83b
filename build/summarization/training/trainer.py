"""Training a summarizer, in rounds that each end with a checkpoint and a look at some summaries' ROUGE."""

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
from build.summarization.config import Training
from build.summarization.data.pretraining import Example
from build.summarization.data.training_data import ExampleSampler
from build.summarization.evaluation import rouge
from build.summarization.network.greedy import write
from build.summarization.network.pointer_generator import Summarizer, loss
from build.summarization.network.vocabulary import Vocabulary
from build.training import checkpoint
from build.training.checkpoint import TrainingState
from build.training.checkpoint_dir import CheckpointDir
from build.training.ema import EMA
from build.training.optim import CosineWithWarmup, weight_decay_groups
from build.training.progress import ProgressLogger

log = logging.getLogger(__name__)

_IGNORED = -1


class Batch(NamedTuple):
    """Token ids: ``source`` and ``mask`` (batch, source), ``target`` (batch, target + 1) with ``_IGNORED``
    behind its end; ``weights`` (batch,)."""

    source: Tensor
    mask: Tensor
    target: Tensor
    weights: Tensor

    def to(self, device: torch.device) -> Batch:
        """The same on another device."""
        return Batch(*(part.to(device) for part in self))


class Trainer:
    """One network on its way through its rounds."""

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
        rest = nn.ModuleList(part for name, part in model.named_children() if name != "encoder")
        self.optimizer = AdamW(
            [
                *weight_decay_groups(model.encoder, settings.encoder_rate, settings.weight_decay),
                *weight_decay_groups(rest, settings.decoder_rate, settings.weight_decay),
                {"params": [model.bias], "lr": settings.decoder_rate, "weight_decay": 0.0},
            ],
            fused=True,
        )
        self.mean = EMA(model, settings.ema_decay)

    def fit(self, rounds: ExampleSampler, dev: list[Pair]) -> None:
        """Train, from where a checkpoint left off. ``dev`` is only looked at, for the training curve."""
        steps = len(self._plan(rounds(0), 0)) * self.settings.rounds
        schedule = LambdaLR(self.optimizer, CosineWithWarmup(steps, self.settings.warmup))
        state = TrainingState(self.model, self.optimizer, schedule, self.mean)
        for number in range(checkpoint.resume(self.checkpoint_dir, state), self.settings.rounds):
            torch.manual_seed(self.seed * 1000 + number)
            point = self._round(number, rounds(number), schedule)
            checkpoint.save_checkpoint(self.checkpoint_dir, state, number + 1)
            with self.mean.applied():
                checkpoint.save_weights(self.checkpoint_dir, self.model, number + 1)
                point |= self.score(dev)
            log.info("%s", {key: value for key, value in point.items() if key != "train_losses"})
            self.checkpoint_dir.append_to_curve(point)

    def score(self, dev: list[Pair]) -> dict[str, Any]:
        """Mean loss of the dev pairs, and ROUGE of what is written for them, each the likeliest token."""
        self.model.eval()
        batches = list(self._batches([Example(pair.source, pair.summary) for pair in dev], 0))
        with torch.inference_mode():
            losses = [float(self._loss(batch.to(self.device))) for batch in batches]
        written = write(self.model, self.vocabulary, [pair.source for pair in dev], self.settings.max_source)
        means = rouge.score([pair.summary for pair in dev], written).mean(axis=0)
        scores = dict(zip(rouge.NAMES, np.round(means, 2).tolist(), strict=True))
        return {"dev_loss": float(np.mean(losses)), **scores}

    def _round(self, number: int, examples: list[Example], schedule: LambdaLR) -> dict[str, Any]:
        self.model.train()
        progress = ProgressLogger(number, self.settings.rounds, len(self._plan(examples, number)))
        for batch in self._batches(examples, number):
            spent = self._loss(batch.to(self.device))
            self.optimizer.zero_grad(set_to_none=True)
            spent.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.max_grad_norm)
            self.optimizer.step()
            schedule.step()
            self.mean.update()
            progress.add(float(spent.detach()), float(schedule.get_last_lr()[-1]))
        return {"epoch": number + 1, "train_loss": progress.mean(), "train_losses": progress.means()}

    def _loss(self, batch: Batch) -> Tensor:
        """Mean over all tokens to write, each weighted as its example."""
        given, wanted = batch.target[:, :-1].clamp_min(0), batch.target[:, 1:]
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.settings.bf16):
            said = self.model(batch.source, batch.mask, given)
        weights = (wanted != _IGNORED) * batch.weights[:, None]
        each = loss(said, self.model.place, batch.source, wanted.clamp_min(0))
        return (each * weights).sum() / weights.sum()

    def _plan(self, examples: list[Example], number: int) -> list[tokenization.Ids]:
        sources = self.vocabulary.sources([each.source for each in examples], self.settings.max_source)
        return tokenization.token_budget_batches(
            [len(row) for row in sources], self.settings.batch_tokens, (self.seed, number)
        )

    def _batches(self, examples: list[Example], number: int) -> Iterator[Batch]:
        most = self.model.positions.num_embeddings
        sources = self.vocabulary.sources([each.source for each in examples], self.settings.max_source)
        targets = self.vocabulary.targets([each.target for each in examples], most)
        weights = np.asarray([each.weight for each in examples], dtype=np.float32)
        for rows in self._plan(examples, number):
            source, mask = tokenization.pad_batch([sources[row] for row in rows], self.vocabulary.pad)
            target, _ = tokenization.pad_batch([targets[row] for row in rows], _IGNORED)
            yield Batch(*map(torch.from_numpy, (source, mask, target, weights[rows])))
