"""The steps from data to artifact, each runnable alone on what the ones before left in the run folder."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import torch

from build import base_model, tokens
from build.base_model import BaseModel
from build.data import goemotions
from build.emotion import artifact, card, checkpoint, evaluate, latency, offsets, package
from build.emotion import model as network
from build.emotion.config import Config
from build.emotion.run import Run
from build.emotion.train import Split, Trainer
from build.errors import CheckpointError
from build.evaluation import crossfit
from build.evaluation.records import Latency
from build.files import write_bytes, write_json
from build.quantisation import export
from functions.shared.encoder import TOKENIZER, EncoderConfig, load_encoder
from functions.shared.onnx import CONFIG, GRAPH

log = logging.getLogger(__name__)

_LICENCE = Path(__file__).parent / "LICENSE-ARTIFACT.txt"
_LATENCY_TEXTS = 300


class Workspace(NamedTuple):
    """What every step works with."""

    config: Config
    run: Run
    data: Path
    base: BaseModel
    models: Path

    @classmethod
    def open(cls, config: Config, data: Path | None, runs: Path, models: Path) -> Workspace:
        """Open the run folder, and find data and base model, fetching what is not there."""
        run = Run(runs, config)
        run.open()
        run.log_to_file()
        torch.set_num_threads(config.threads)
        folder = data or goemotions.fetch_folder(runs / "data" / "goemotions")
        return cls(config, run, folder, base_model.obtain(runs / "base"), models)


def train(work: Workspace) -> None:
    """Fine-tune on the train split; a finished or interrupted training is taken up where it stands."""
    torch.manual_seed(work.config.seed)
    examples = goemotions.load(work.data, "train")
    model = network.from_base(work.base, len(examples.labels), work.config.training.dropout)
    network.start_at_base_rates(model, examples.targets)
    dev = goemotions.load(work.data, "dev")
    Trainer(work.config, model, work.run).fit(_encode(work, examples), _encode(work, dev))


def to_onnx(work: Workspace) -> None:
    """Export the trained network and quantise it, each into a folder as serving reads it."""
    model = _trained(work)
    export.export(model, work.run.fp32 / GRAPH, work.config.artifact.opset)
    export.quantise(work.run.fp32 / GRAPH, work.run.int8 / GRAPH)
    labels = goemotions.read_labels(work.data / "labels.txt")
    untuned = _shipped(work, labels, [0.5] * len(labels))
    for folder in (work.run.fp32, work.run.int8):
        tokens.open_tokenizer(work.base.tokenizer).save(str(folder / TOKENIZER), pretty=False)
        write_json(folder / CONFIG, untuned)


def measure(work: Workspace) -> None:
    """Fit thresholds, score both models on the dev split, and time them."""
    dev = goemotions.load(work.data, "dev")
    found = evaluate.evaluate(work.run.int8, work.run.fp32, {"emotions": dev}, work.config)
    write_json(work.run.evaluation, msgspec.structs.replace(found, latency=_latencies(work, dev)))
    for name, head in found.heads.items():
        scores = head.int8.scores.macro_f1.value, head.fp32.scores.macro_f1.value
        log.info("%s: macro-F1 cross-fitted: int8 %.4f, fp32 %.4f", name, *scores)


def ship(work: Workspace) -> None:
    """Write the artifact's folder in one step, and pin its files in the manifest."""
    found = evaluate.load(work.run.evaluation)
    settings = work.config.artifact
    record = found.heads["emotions"].int8
    fitted = crossfit.recall(record)
    labels = [each.label for each in record.labels]
    shipped = _shipped(work, labels, fitted.thresholds.tolist(), fitted.scaling.temperatures.tolist())
    folder = work.models / settings.name

    def write(fresh: Path) -> None:
        for name in (GRAPH, TOKENIZER):
            shutil.copyfile(work.run.int8 / name, fresh / name)
        offsets.shift(fresh / GRAPH, {"emotions": fitted.scaling.shifts()})
        shutil.copyfile(_LICENCE, fresh / "LICENSE")
        write_json(fresh / CONFIG, shipped)
        text = card.render(work.config, shipped, found, work.run.read_curve(), work.run.read_environment())
        write_bytes(fresh / "MODEL_CARD.md", text.encode())
        export.check_contract(fresh, settings.max_megabytes)

    package.install(folder, write)
    entry = artifact.manifest_entry(settings, found, package.pin(folder, artifact.FILES))
    package.enter(work.models / "manifest.json", settings.name, entry)
    log.info("packaged %s", folder)


def _shipped(
    work: Workspace, labels: list[str], thresholds: list[float], temperatures: list[float] | None = None
) -> EncoderConfig:
    width = int(msgspec.json.decode(work.base.config.read_bytes())["hidden_size"])
    return artifact.encoder_config(work.config.artifact, labels, thresholds, width, temperatures)


def _encode(work: Workspace, examples: goemotions.Examples) -> Split:
    tokenizer = tokens.open_tokenizer(work.base.tokenizer)
    rows = tokens.encode(tokenizer, examples.texts, work.config.training.max_tokens)
    return Split(rows, examples.targets)


def _trained(work: Workspace) -> network.TextEncoder:
    labels = goemotions.read_labels(work.data / "labels.txt")
    model = network.empty(work.base.config, len(labels), work.config.training.dropout)
    if (epochs := checkpoint.load_weights(work.run, model)) < work.config.training.epochs:
        raise CheckpointError(f"{work.run.folder} holds only {epochs} epochs: run the train step to its end")
    return model


def _latencies(work: Workspace, dev: goemotions.Examples) -> dict[str, Latency]:
    count = min(_LATENCY_TEXTS, len(dev.texts))
    chosen = np.random.default_rng(work.config.seed).choice(len(dev.texts), count, replace=False)
    texts = [dev.texts[index] for index in chosen]
    tokenizer = tokens.open_tokenizer(work.base.tokenizer)
    return {
        "ONNX int8 (ships)": latency.of_serving(load_encoder(work.run.int8), texts),
        "ONNX float32": latency.of_serving(load_encoder(work.run.fp32), texts),
        "torch eager float32": latency.of_torch(
            _trained(work), tokenizer, work.config.artifact.max_length, texts
        ),
    }


STEPS: dict[str, Callable[[Workspace], None]] = {
    "train": train,
    "export": to_onnx,
    "evaluate": measure,
    "package": ship,
}
ORDER = tuple(STEPS)
