"""Fine-tuning: AdamW, warm-up and cosine decay, bfloat16 matrix products, batches of similar length."""

from __future__ import annotations

import logging
import math
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

from build import tokenization
from build.emotion.config import Training
from build.emotion.data.data_loader import Batch, EpochLoader
from build.emotion.data.training_set import TrainingSet
from build.emotion.training.losses import DecisionLoss, decision_loss, embedding_loss
from build.evaluation import metrics
from build.text_encoder import EMOTIONS, TextEncoder
from build.training import checkpoint
from build.training.checkpoint import TrainingState
from build.training.checkpoint_dir import CheckpointDir
from build.training.ema import EMA
from build.training.optim import CosineWithWarmup, weight_decay_groups
from build.training.progress import ProgressLogger

log = logging.getLogger(__name__)

_CURVE_THRESHOLDS = (0.2, 0.5)


class Trainer:
    """Trains one model; saves and scores it after each epoch.

    Args:
        checkpoint_dir: where checkpoints and the training curve are stored.
        embedding_distillation: weight of the loss that keeps the embedding close to the base model's.
    """

    def __init__(
        self,
        settings: Training,
        model: TextEncoder,
        tokenizer: Tokenizer,
        checkpoint_dir: CheckpointDir,
        *,
        seed: int,
        embedding_distillation: float = 0.0,
    ) -> None:
        self.settings = settings
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = model.to(self.device)
        self.tokenizer = tokenizer
        self.checkpoint_dir = checkpoint_dir
        self.seed = seed
        self.embedding_weight = embedding_distillation
        self.optimizer = AdamW(_parameter_groups(model, settings), fused=True)
        self.ema = EMA(model, settings.ema_decay)

    def fit(self, train: TrainingSet, dev: TrainingSet) -> None:
        """Train on ``train``, resuming from a checkpoint.

        ``dev`` is only scored; with ``patience`` it also determines when to stop and which epoch is kept.
        """
        batches = math.ceil(len(train.texts) / self.settings.batch_size)
        scheduler = LambdaLR(
            self.optimizer, CosineWithWarmup(batches * self.settings.epochs, self.settings.warmup)
        )
        state = TrainingState(self.model, self.optimizer, scheduler, self.ema)
        loss_function = decision_loss(self.settings.loss, torch.from_numpy(train.rates()).to(self.device))
        for epoch in range(checkpoint.resume(self.checkpoint_dir, state), self.settings.epochs):
            if self._should_stop():
                break
            torch.manual_seed(self.seed * 1000 + epoch)
            point = self._epoch(epoch, train, loss_function, scheduler)
            checkpoint.save_checkpoint(self.checkpoint_dir, state, epoch + 1)
            with self.ema.applied():
                point |= self.score(dev)
                if self._is_best(point["dev_loss"]):
                    checkpoint.save_weights(self.checkpoint_dir, self.model, epoch + 1)
            log.info("%s", {key: value for key, value in point.items() if key != "train_losses"})
            self.checkpoint_dir.append_to_curve(point)

    def score(self, dev: TrainingSet) -> dict[str, Any]:
        """Loss and macro-F1 of the emotions at fixed thresholds, for the training curve."""
        logits = predict(self.model, self.tokenizer, dev.texts, self.settings)[EMOTIONS]
        loss = nn.functional.binary_cross_entropy_with_logits(
            torch.from_numpy(logits), torch.from_numpy(dev.targets)
        )
        probabilities, truth = metrics.sigmoid(logits), dev.targets > 0
        scores = {
            f"dev_macro_f1_at_{threshold}": metrics.macro_f1(probabilities >= threshold, truth)
            for threshold in _CURVE_THRESHOLDS
        }
        return {"dev_loss": float(loss), **scores}

    def _epoch(
        self, epoch: int, train: TrainingSet, loss_function: DecisionLoss, scheduler: LambdaLR
    ) -> dict[str, Any]:
        self.model.train()
        batches = EpochLoader(train, self.tokenizer, self.settings, (self.seed, epoch))
        progress = ProgressLogger(epoch, self.settings.epochs, len(batches))
        for batch in batches:
            value = self._step(batch.to(self.device), loss_function)
            scheduler.step()
            self.ema.update()
            progress.add(value, float(scheduler.get_last_lr()[0]))
        return {"epoch": epoch + 1, "train_loss": progress.mean(), "train_losses": progress.means()}

    def _step(self, batch: Batch, loss_function: DecisionLoss) -> float:
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.settings.bf16):
            output = self.model(batch.ids, batch.mask)
        loss = loss_function(output.emotions.float(), batch.targets)
        if batch.embeddings is not None:
            loss = loss + self.embedding_weight * embedding_loss(output.embedding.float(), batch.embeddings)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.max_grad_norm)
        self.optimizer.step()
        return float(loss.detach())

    def _is_best(self, loss: float) -> bool:
        if not self.settings.patience:
            return True
        return all(loss < point["dev_loss"] for point in self.checkpoint_dir.read_curve())

    def _should_stop(self) -> bool:
        """The last ``patience`` epochs have not lowered the dev loss."""
        losses = [point["dev_loss"] for point in self.checkpoint_dir.read_curve()]
        patience = self.settings.patience
        return bool(patience and len(losses) > patience and min(losses[-patience:]) > min(losses[:-patience]))


def _parameter_groups(model: TextEncoder, settings: Training) -> list[dict[str, object]]:
    """Parameter groups in which the new head has a higher learning rate.

    The projection is not new: it starts as the identity. Feelings and topics are fitted afterwards.
    """
    return [
        *weight_decay_groups(model.bert, settings.learning_rate, settings.weight_decay),
        *weight_decay_groups(model.projection, settings.learning_rate, 0.0),
        *weight_decay_groups(
            model.emotions, settings.learning_rate * settings.head_lr_multiplier, settings.weight_decay
        ),
    ]


def predict(
    model: TextEncoder, tokenizer: Tokenizer, texts: list[str], settings: Training
) -> dict[str, npt.NDArray[np.float32]]:
    """Logits (n, labels) by head, and ``embedding`` (n, width), in float32 and without dropout."""
    model.eval()
    device = next(model.parameters()).device
    rows = tokenization.encode(tokenizer, texts, settings.max_tokens)
    outputs: dict[str, npt.NDArray[np.float32]] = {}
    with torch.inference_mode():
        for batch, *arrays in tokenization.padded_batches(rows, settings.batch_size):
            ids, mask = (torch.from_numpy(array).to(device) for array in arrays)
            output = model(ids, mask)
            for name, values in output.present.items():
                values_by_row = outputs.setdefault(
                    name, np.zeros((len(rows), values.shape[1]), dtype=np.float32)
                )
                values_by_row[batch] = values.float().cpu().numpy()
    return outputs
