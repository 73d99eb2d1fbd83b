"""The steps from data to artifact. Each can run alone on what the previous steps left in the run folder."""

from __future__ import annotations

import logging
from collections.abc import Callable

import torch

from build.errors import CheckpointError
from build.files import write_json
from build.insight import evaluate, examples, export, network
from build.insight.network import JournalReader
from build.insight.release import package, report
from build.insight.trainer import Trainer
from build.insight.workspace import Workspace
from build.training import checkpoint
from functions.shared.runtime.onnx import GRAPH
from functions.shared.text.encoder import TOKENIZER

log = logging.getLogger(__name__)

_SETTINGS = ("seed", "share", "base", "max_tokens", "training")
"""The parts of the configuration that determine the weights."""


def train(workspace: Workspace) -> None:
    """Train the reader; a finished or interrupted training is resumed."""
    config, checkpoint_dir = workspace.config, workspace.run_dir.network
    checkpoint_dir.check_settings({name: getattr(config, name) for name in _SETTINGS})
    entries = workspace.entries("train")
    log.info("%d entries, %d sentences", len(entries), sum(len(entry.sentences) for entry in entries))
    torch.manual_seed(config.seed)
    model = _new_network(workspace)
    network.init_at_base_rates(model, examples.rates(entries, config.training.primary_share))
    network.freeze(model, config.training.rounds[0].frozen_layers)
    Trainer(config, model, workspace.tokenizer, checkpoint_dir).fit(entries)


def export_onnx(workspace: Workspace) -> None:
    """Export the trained network to ONNX, and quantize it."""
    run_dir = workspace.run_dir
    model = _new_network(workspace)
    epochs = checkpoint.load_weights(run_dir.network, model)
    if epochs < workspace.config.training.epochs:
        raise CheckpointError(f"{run_dir.network.folder} has only {epochs} epochs: run the train step")
    export.export(model, run_dir.fp32 / GRAPH)
    export.quantize(run_dir.fp32 / GRAPH, run_dir.quantized / GRAPH)
    workspace.tokenizer.save(str(run_dir.quantized / TOKENIZER), pretty=False)


def evaluate_reader(workspace: Workspace) -> None:
    """Fit calibration and thresholds, and score the reader on dev as the product uses it."""
    evaluation = evaluate.evaluate(
        workspace.config, workspace.run_dir.quantized, workspace.entries("dev"), workspace.models
    )
    write_json(workspace.run_dir.evaluation, evaluation)
    for name, estimate in evaluation.reader["all"].items():
        before, always = (scores["all"][name].value for scores in (evaluation.without, evaluation.baseline))
        log.info("%s: %.1f (without the reader %.1f, baseline %.1f)", name, estimate.value, before, always)


def package_artifact(workspace: Workspace) -> None:
    """Write the artifact's folder atomically and pin its files in the manifest."""
    package.package(workspace)


def write_report(workspace: Workspace) -> None:
    """Write the HTML report."""
    evaluation = evaluate.load(workspace.run_dir.evaluation)
    report.write(workspace.run_dir.report, workspace.config.name, evaluation, workspace.entries("dev"))
    log.info("%s", workspace.run_dir.report)


def _new_network(workspace: Workspace) -> JournalReader:
    return network.from_pretrained(workspace.base.folder, workspace.config.training.dropout)


STEPS: dict[str, Callable[[Workspace], None]] = {
    "train": train,
    "export": export_onnx,
    "evaluate": evaluate_reader,
    "package": package_artifact,
    "report": write_report,
}
ORDER = tuple(STEPS)
