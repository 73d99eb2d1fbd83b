"""The student's kin that may be smaller or bear int8 better: each is the student, changed, then trained on.

What pruning or fake quantisation costs, a part of an epoch at a low rate mends; then the journal's heads are
fitted anew, since the encoder beneath them has moved.
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

_JUDGED = 1024
"""Texts that decide which neurons and heads are needed."""
_SPARSE = 0.3
_NARROW = 0.75


class ModelChange(NamedTuple):
    """A way to change a network before it is trained on; ``finish`` undoes what only training needs."""

    note: str
    prepare: Callable[[TextEncoder, Iterator[pruning.Batch]], object]
    finish: Callable[[TextEncoder], object]
    heads: float = 1.0
    """Share of each layer's attention heads that is left."""


def change(
    school: StudentTrainer, student: TextEncoder, material: TrainingData, name: str, folder: Path
) -> Path:
    """The changed network's float32 graph, ``folder``/fp32.onnx; made only if it isn't there.

    Raises:
        ArtifactError: the graph computes something else than the network.
    """
    graph, checkpoint_dir = folder / "fp32.onnx", CheckpointDir(folder)
    if not graph.is_file():
        log.info("%s: %s", name, CHANGES[name].note)
        made = _changed(school, student, material, name, checkpoint_dir).cpu()
        export.export(made, graph, school.config.artifact.opset)
        for path in (checkpoint_dir.checkpoint, checkpoint_dir.weights):
            path.unlink(missing_ok=True)
    return graph


def heads_left(name: str, heads: int) -> int:
    """Attention heads a layer after the change."""
    return round(heads * CHANGES[name].heads)


def _changed(
    school: StudentTrainer,
    student: TextEncoder,
    material: TrainingData,
    name: str,
    checkpoint_dir: CheckpointDir,
) -> TextEncoder:
    config, made = school.config, CHANGES[name]
    lesson = material.thin(config.compression.share, config.seed)
    learned = lesson.corpus(config)
    model = copy.deepcopy(student)
    made.prepare(model, _batches(school, learned))
    school.train(model, _gently(config), learned, material.found, checkpoint_dir)
    made.finish(model)
    school.fit_journal(model.eval(), material.found)
    return model


def _gently(config: Config) -> Training:
    return replace(
        config.training,
        epochs=1,
        learning_rate=config.compression.learning_rate,
        head_rate=1.0,
        average=0.0,
        patience=0,
    )


def _batches(school: StudentTrainer, learned: TrainingSet) -> Iterator[pruning.Batch]:
    """Some of the texts, in batches as importance wants them."""
    settings = school.config.training
    chosen = learned.select(
        np.random.default_rng(school.config.seed).permutation(len(learned.texts))[:_JUDGED]
    )
    rows = tokenization.encode(school.tokenizer, chosen.texts, settings.max_tokens)
    for batch, ids, mask in tokenization.padded_batches(rows, settings.batch_size):
        yield torch.from_numpy(ids), torch.from_numpy(mask), torch.from_numpy(chosen.targets[batch])


def _narrow(model: TextEncoder, batches: Iterator[pruning.Batch]) -> None:
    judge = decision_loss(Loss(), torch.ones(model.emotions.out_features))

    def loss(said: Output, targets: torch.Tensor) -> torch.Tensor:
        return judge(said.emotions, targets)

    shape = model.bert.config
    found = pruning.importance(model, batches, loss)
    pruning.prune_structures(
        model, found, round(shape.intermediate_size * _NARROW), round(shape.num_attention_heads * _NARROW)
    )


CHANGES = {
    "aware": ModelChange(
        "trained on with the error of 8 bits (QAT)",
        lambda model, _: qat.prepare_qat(model),
        qat.remove_fake_quantization,
    ),
    "sparse": ModelChange(
        "the smallest 30% of weights zero",
        lambda model, _: pruning.prune_weights(model, _SPARSE),
        pruning.make_permanent,
    ),
    "narrow": ModelChange(
        "the least needed quarter of neurons and attention heads left out", _narrow, lambda _: None, _NARROW
    ),
}
"""By name."""
