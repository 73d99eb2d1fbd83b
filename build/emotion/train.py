"""Fine-tuning: AdamW, warm-up and cosine decay, bfloat16 matrix products, batches of near-equal length."""

from __future__ import annotations

import logging
import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

from build import tokens
from build.emotion import checkpoint
from build.emotion.config import Config
from build.emotion.model import TextEncoder
from build.emotion.progress import Progress
from build.emotion.run import Run
from build.emotion.schedule import Cosine, groups
from build.evaluation import metrics

log = logging.getLogger(__name__)

_WATCHED_THRESHOLDS = (0.2, 0.5)


class Split(NamedTuple):
    """Token ids of n texts, and their targets (n, labels)."""

    rows: list[list[int]]
    targets: npt.NDArray[np.float32]


class Trainer:
    """One model on its way through ``config.training.epochs`` epochs, saved and scored after each."""

    def __init__(self, config: Config, model: TextEncoder, run: Run) -> None:
        self.config = config
        self.model = model
        self.run = run
        self.optimizer = AdamW(groups(model.bert, model.head, config.training))
        self.loss = nn.BCEWithLogitsLoss()

    def fit(self, train: Split, dev: Split) -> None:
        """Train on ``train``, from where a checkpoint left off; ``dev`` is only scored, never chosen by."""
        settings = self.config.training
        batches = math.ceil(len(train.rows) / settings.batch_size)
        schedule = LambdaLR(self.optimizer, Cosine(batches * settings.epochs, settings.warmup))
        done = checkpoint.resume(self.run, self.model, self.optimizer, schedule)
        for epoch in range(done, settings.epochs):
            torch.manual_seed(self.config.seed * 1000 + epoch)
            progress = self._epoch(epoch, train, schedule)
            checkpoint.save(self.run, self.model, self.optimizer, schedule, epoch + 1)
            point = {"epoch": epoch + 1, "train_loss": progress.mean(), **self.score(dev)}
            log.info("%s", point)
            self.run.add_to_curve({**point, "train_losses": progress.means()})

    def score(self, split: Split) -> dict[str, Any]:
        """Loss and macro-F1 at fixed thresholds, for the training curve."""
        logits = predict(self.model, split.rows, self.config.training.batch_size)
        loss = float(self.loss(torch.from_numpy(logits), torch.from_numpy(split.targets)))
        chances, truth = metrics.sigmoid(logits), split.targets > 0
        scores = {
            f"dev_macro_f1_at_{at}": metrics.macro_f1(chances >= at, truth) for at in _WATCHED_THRESHOLDS
        }
        return {"dev_loss": loss, **scores}

    def _epoch(self, epoch: int, split: Split, schedule: LambdaLR) -> Progress:
        settings = self.config.training
        self.model.train()
        plan = tokens.shuffled(
            [len(row) for row in split.rows], settings.batch_size, (self.config.seed, epoch)
        )
        progress = Progress(epoch, settings.epochs, len(plan))
        for batch in plan:
            ids, mask = tokens.pad([split.rows[index] for index in batch])
            targets = torch.from_numpy(split.targets[batch])
            loss = self._step(torch.from_numpy(ids), torch.from_numpy(mask), targets)
            schedule.step()
            progress.add(loss, float(schedule.get_last_lr()[0]))
        return progress

    def _step(self, ids: Tensor, mask: Tensor, targets: Tensor) -> float:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.config.training.bf16):
            logits = self.model(ids, mask).emotions
        loss: Tensor = self.loss(logits.float(), targets)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), self.config.training.clip_norm)
        self.optimizer.step()
        return float(loss.detach())


def predict(model: TextEncoder, rows: list[list[int]], batch_size: int) -> npt.NDArray[np.float32]:
    """Logits (rows, labels) in float32, without dropout."""
    model.eval()
    logits = np.zeros((len(rows), model.head.out_features), dtype=np.float32)
    with torch.inference_mode():
        for batch in tokens.by_length([len(row) for row in rows], batch_size):
            ids, mask = tokens.pad([rows[index] for index in batch])
            logits[batch] = model(torch.from_numpy(ids), torch.from_numpy(mask)).emotions.numpy()
    return logits
