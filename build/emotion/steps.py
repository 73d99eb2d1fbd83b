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

from build import base_model
from build.base_model import BaseModel
from build.data import goemotions
from build.emotion import artifact, card, checkpoint, evaluate, export, latency, package, tokens
from build.emotion import model as network
from build.emotion.config import Config
from build.emotion.onnx_encoder import OnnxEncoder
from build.emotion.run import Run
from build.emotion.train import Split, Trainer
from build.errors import CheckpointError
from build.files import write_bytes, write_json

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
    """Export the trained network, quantise it, and check both files."""
    export.export(_trained(work), work.run.fp32, work.config.artifact.opset)
    export.quantise(work.run.fp32, work.run.int8)
    tokens.open_tokenizer(work.base.tokenizer).save(str(work.run.tokenizer), pretty=False)


def measure(work: Workspace) -> None:
    """Fit thresholds, score both ONNX files on the dev split, and time them."""
    dev = goemotions.load(work.data, "dev")
    paths = (work.run.int8, work.run.fp32)
    small, large = (_encoder(work, path, work.config.threads) for path in paths)
    found = evaluate.evaluate(small, large, paths, dev, work.config)
    write_json(work.run.evaluation, msgspec.structs.replace(found, latency=_latencies(work, dev)))
    log.info("macro-F1 cross-fitted: int8 %.4f, fp32 %.4f", found.int8.macro_f1, found.fp32.macro_f1)


def ship(work: Workspace) -> None:
    """Write the artifact's folder in one step, and pin its files in the manifest."""
    found = evaluate.load(work.run.evaluation)
    settings = work.config.artifact
    width = _width(work)
    export.check_contract(work.run.int8, len(found.labels), width, settings.max_megabytes)
    shipped = artifact.encoder_config(settings, found, width)
    folder = work.models / settings.name

    def write(fresh: Path) -> None:
        shutil.copyfile(work.run.int8, fresh / "model.onnx")
        shutil.copyfile(work.run.tokenizer, fresh / "tokenizer.json")
        shutil.copyfile(_LICENCE, fresh / "LICENSE")
        write_json(fresh / "config.json", shipped)
        text = card.render(work.config, shipped, found, work.run.read_curve(), work.run.read_environment())
        write_bytes(fresh / "MODEL_CARD.md", text.encode())

    package.install(folder, write)
    entry = artifact.manifest_entry(settings, found, package.pin(folder, artifact.FILES))
    package.enter(work.models / "manifest.json", settings.name, entry)
    log.info("packaged %s", folder)


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


def _width(work: Workspace) -> int:
    return int(msgspec.json.decode(work.base.config.read_bytes())["hidden_size"])


def _encoder(work: Workspace, path: Path, threads: int) -> OnnxEncoder:
    return OnnxEncoder(path, work.run.tokenizer, work.config.artifact.max_length, threads)


def _latencies(work: Workspace, dev: goemotions.Examples) -> dict[str, latency.Latency]:
    count = min(_LATENCY_TEXTS, len(dev.texts))
    chosen = np.random.default_rng(work.config.seed).choice(len(dev.texts), count, replace=False)
    texts = [dev.texts[index] for index in chosen]
    int8, fp32 = (_encoder(work, path, 1) for path in (work.run.int8, work.run.fp32))
    return {
        "ONNX int8 (ships)": latency.of_onnx(int8, texts),
        "ONNX float32": latency.of_onnx(fp32, texts),
        "torch eager float32": latency.of_torch(_trained(work), int8, texts),
    }


STEPS: dict[str, Callable[[Workspace], None]] = {
    "train": train,
    "export": to_onnx,
    "evaluate": measure,
    "package": ship,
}
ORDER = tuple(STEPS)
