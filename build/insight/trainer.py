"""Fine-tunes a reader: AdamW with layer-wise learning rates, bfloat16 products, batches of similar length."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

from build import tokenization
from build.data.journal.entries import Entry
from build.insight.config import Config, LossWeights, Training
from build.insight.examples import Batch, Example, collate, encode
from build.insight.network import JournalReader, freeze
from build.training import checkpoint
from build.training.checkpoint import TrainingState
from build.training.checkpoint_dir import CheckpointDir
from build.training.ema import EMA
from build.training.optim import WarmRestarts
from build.training.progress import ProgressLogger
from functions.emotion.reader import OF_SENTENCES

log = logging.getLogger(__name__)

_LAYER = re.compile(r"layers?\.(\d+)\.")


class Trainer:
    """Trains one reader; saves a checkpoint after each epoch and resumes from it."""

    def __init__(
        self, config: Config, model: JournalReader, tokenizer: Tokenizer, checkpoint_dir: CheckpointDir
    ) -> None:
        self.config = config
        self.settings = config.training
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = model.to(self.device)
        self.tokenizer = tokenizer
        self.checkpoint_dir = checkpoint_dir
        self.optimizer = AdamW(parameter_groups(model, config.training), betas=(0.9, 0.98), fused=True)

    def fit(self, entries: Sequence[Entry]) -> None:
        """Train on `entries`."""
        examples = [encode(self.tokenizer, entry.sentences, self.config.max_tokens) for entry in entries]
        lengths = [len(example.ids) for example in examples]
        epochs = [self._batches(lengths, epoch) for epoch in range(self.settings.epochs)]
        steps = [0] * len(self.settings.rounds)
        for epoch, batches in enumerate(epochs):
            steps[self.settings.round_of(epoch)] += len(batches)
        scheduler = LambdaLR(self.optimizer, WarmRestarts(steps, self.settings.warmup))
        state = TrainingState(self.model, self.optimizer, scheduler, EMA(self.model, 0.0))
        with _flushing_denormals():
            self._train(state, entries, examples, epochs)
        checkpoint.save_weights(self.checkpoint_dir, self.model, self.settings.epochs)

    def _train(
        self,
        state: TrainingState,
        entries: Sequence[Entry],
        examples: Sequence[Example],
        epochs: Sequence[list[list[int]]],
    ) -> None:
        """Train the epochs that the last checkpoint does not have yet; `epochs` are batches of rows."""
        scheduler = state.scheduler
        for epoch in range(checkpoint.resume(self.checkpoint_dir, state), self.settings.epochs):
            torch.manual_seed(self.config.seed * 1000 + epoch)
            progress = ProgressLogger(epoch, self.settings.epochs, len(epochs[epoch]))
            self.model.train()
            part = self.settings.rounds[self.settings.round_of(epoch)]
            freeze(self.model, part.frozen_layers)
            for rows in epochs[epoch]:
                batch = collate(
                    [examples[row] for row in rows],
                    [entries[row] for row in rows],
                    self.settings.primary_share,
                )
                progress.add(self._step(batch, part.loss), float(scheduler.get_last_lr()[-1]))
                scheduler.step()
            checkpoint.save_checkpoint(self.checkpoint_dir, state, epoch + 1)
            self.checkpoint_dir.append_to_curve({"epoch": epoch + 1, "train_loss": progress.mean()})

    def _batches(self, lengths: Sequence[int], epoch: int) -> list[list[int]]:
        seed = (self.config.seed, epoch)
        return [
            rows.tolist()
            for rows in tokenization.token_budget_batches(lengths, self.settings.batch_tokens, seed)
        ]

    def _step(self, batch: Batch, weights: LossWeights) -> float:
        inputs = (tensor.to(self.device) for tensor in batch[:3])
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.settings.bf16):
            outputs = self.model(*inputs)
        value = loss(outputs, batch, weights)
        self.optimizer.zero_grad(set_to_none=True)
        value.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.max_grad_norm)
        self.optimizer.step()
        return float(value.detach())


@contextmanager
def _flushing_denormals() -> Iterator[None]:
    """Treat the smallest floats as 0; without this, passes get slower and slower. It is a global setting."""
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def loss(outputs: dict[str, Tensor], batch: Batch, weights: LossWeights) -> Tensor:
    """Weighted sum of the outputs' mean losses; sentences that pad a batch do not count."""
    total = torch.zeros(())
    for name, logits in outputs.items():
        target = batch.targets[name].to(logits.device)
        logits = logits.float()
        if name in OF_SENTENCES:
            present = batch.present.to(logits.device)
            logits, target = logits[present], target[present]
        total = total.to(logits.device) + getattr(weights, name) * _mean_loss(name, logits, target)
    return total


def _mean_loss(name: str, logits: Tensor, target: Tensor) -> Tensor:
    match name:
        case "mood":
            return functional.smooth_l1_loss(logits, target)
        case "primary":
            return functional.cross_entropy(logits, target)
        case _:
            return functional.binary_cross_entropy_with_logits(logits, target)


def parameter_groups(model: JournalReader, settings: Training) -> list[dict[str, object]]:
    """One group per parameter: learning rates fall from the heads and the top layer to the embeddings."""
    layers = model.body.config.num_hidden_layers
    groups: list[dict[str, object]] = []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        rate = settings.head_learning_rate
        if name.startswith("body."):
            layer = _LAYER.search(name)
            below_top = layers - 1 - int(layer[1]) if layer else layers if "embed" in name else 0
            rate = settings.learning_rate * settings.layer_decay**below_top
        decay = settings.weight_decay if parameter.ndim > 1 else 0.0
        groups.append({"params": [parameter], "lr": rate, "weight_decay": decay})
    return groups


def predict(
    model: JournalReader, tokenizer: Tokenizer, entries: Sequence[Entry], config: Config
) -> Iterator[dict[str, np.ndarray]]:
    """The outputs for each entry, one at a time: (sentences, width) or (width,), float32."""
    model.eval()
    device = next(model.parameters()).device
    with torch.inference_mode():
        for entry in entries:
            example = encode(tokenizer, entry.sentences, config.max_tokens)
            batch = collate([example], [entry], config.training.primary_share)
            outputs = model(*(tensor.to(device) for tensor in batch[:3]))
            yield {name: values[0].float().cpu().numpy() for name, values in outputs.items()}
