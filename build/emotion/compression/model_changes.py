"""Changed versions of the student that may be smaller or tolerate int8 better; each is fine-tuned.

Fine-tuning on part of an epoch at a low learning rate repairs the damage of pruning or fake quantization.
Then the linear heads are fitted again, since the encoder has changed.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from msgspec.structs import replace

from build import tokenization
from build.emotion.config import Config, Loss, Training
from build.emotion.data.training_set import TrainingSet
from build.emotion.training.losses import decision_loss
from build.emotion.training.student import StudentTrainer, TrainingData
from build.quantization import export, pruning, qat
from build.text_encoder import Output, TextEncoder
from build.training.checkpoint_dir import CheckpointDir

log = logging.getLogger(__name__)

_IMPORTANCE_TEXTS = 1024
"""Texts for estimating the importance of neurons and heads."""
_SPARSITY = 0.3
_KEPT_WIDTH = 0.75


class ModelChange(NamedTuple):
    """A change of a network before fine-tuning; ``finish`` undoes what only training needs."""

    note: str
    prepare: Callable[[TextEncoder, Iterator[pruning.Batch]], object]
    finish: Callable[[TextEncoder], object]
    heads: float = 1.0
    """Share of each layer's attention heads that remains."""


def train_changed_model(
    student_trainer: StudentTrainer,
    student: TextEncoder,
    data: TrainingData,
    name: str,
    folder: Path,
) -> Path:
    """The changed network's float32 graph, ``folder``/fp32.onnx, made if it is not there.

    Raises:
        ArtifactError: the graph's outputs differ from the network's.
    """
    graph, checkpoint_dir = folder / "fp32.onnx", CheckpointDir(folder)
    if not graph.is_file():
        log.info("%s: %s", name, CHANGES[name].note)
        model = _fine_tuned(student_trainer, student, data, name, checkpoint_dir).cpu()
        export.export(model, graph, student_trainer.config.artifact.opset)
        for path in (checkpoint_dir.checkpoint, checkpoint_dir.weights):
            path.unlink(missing_ok=True)
    return graph


def remaining_heads(name: str, heads: int) -> int:
    """Attention heads per layer after the change."""
    return round(heads * CHANGES[name].heads)


def _fine_tuned(
    student_trainer: StudentTrainer,
    student: TextEncoder,
    data: TrainingData,
    name: str,
    checkpoint_dir: CheckpointDir,
) -> TextEncoder:
    config, change = student_trainer.config, CHANGES[name]
    subset = data.subset(config.compression.finetune_share, config.seed)
    training_set = subset.training_set(config)
    model = copy.deepcopy(student)
    change.prepare(model, _batches(student_trainer, training_set))
    student_trainer.fit(model, _fine_tuning(config), training_set, data.datasets, checkpoint_dir)
    change.finish(model)
    student_trainer.fit_linear_heads(model.eval(), data.datasets)
    return model


def _fine_tuning(config: Config) -> Training:
    return replace(
        config.training,
        epochs=1,
        learning_rate=config.compression.learning_rate,
        head_lr_multiplier=1.0,
        ema_decay=0.0,
        patience=0,
    )


def _batches(student_trainer: StudentTrainer, training_set: TrainingSet) -> Iterator[pruning.Batch]:
    """Random texts as batches for importance estimation."""
    settings = student_trainer.config.training
    selected = training_set.select(
        np.random.default_rng(student_trainer.config.seed).permutation(len(training_set.texts))[
            :_IMPORTANCE_TEXTS
        ]
    )
    rows = tokenization.encode(student_trainer.tokenizer, selected.texts, settings.max_tokens)
    for batch, ids, mask in tokenization.padded_batches(rows, settings.batch_size):
        yield torch.from_numpy(ids), torch.from_numpy(mask), torch.from_numpy(selected.targets[batch])


def _prune_structures(model: TextEncoder, batches: Iterator[pruning.Batch]) -> None:
    loss_function = decision_loss(Loss(), torch.ones(model.emotions.out_features))

    def loss(output: Output, targets: torch.Tensor) -> torch.Tensor:
        return loss_function(output.emotions, targets)

    shape = model.bert.config
    importances = pruning.importance(model, batches, loss)
    pruning.prune_structures(
        model,
        importances,
        round(shape.intermediate_size * _KEPT_WIDTH),
        round(shape.num_attention_heads * _KEPT_WIDTH),
    )


CHANGES = {
    "qat": ModelChange(
        "quantization-aware training",
        lambda model, _: qat.prepare_qat(model),
        qat.remove_fake_quantization,
    ),
    "sparse": ModelChange(
        "the smallest 30% of the weights set to zero",
        lambda model, _: pruning.prune_weights(model, _SPARSITY),
        pruning.make_permanent,
    ),
    "pruned": ModelChange(
        "the least important quarter of neurons and attention heads removed",
        _prune_structures,
        lambda _: None,
        _KEPT_WIDTH,
    ),
}
"""By name."""
