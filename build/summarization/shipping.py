"""Artifacts into their places: whole or not at all, with licence and card, pinned in the manifest."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any

import msgspec

from build import package
from build.data import summaries
from build.errors import CheckpointError, DataError
from build.summarization import card
from build.summarization.records import Evaluation
from build.summarization.workspace import Workspace
from functions.shared.runtime.onnx import CONFIG
from functions.shared.text.encoder import TOKENIZER
from functions.summarization.extractive import LEXICON
from functions.summarization.seq2seq import DECODER, ENCODER

log = logging.getLogger(__name__)

EXTRACTIVE = "extractive-summarizer"
BASE_MODEL = "sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0)"
_ROOT = Path(__file__).parents[2]
_LICENCES = {
    "Apache-2.0": _ROOT / "LICENSE",
    "CC-BY-NC-SA-4.0": Path(__file__).with_name("LICENSE-CC-BY-NC-SA-4.0.txt"),
}
_SOURCES = {
    "hippocorpus": {"name": "Hippocorpus", "licence": "O-UDA-1.0", "split": "train"},
    "goemotions": {"name": "GoEmotions", "licence": "Apache-2.0", "split": "train"},
    "dialogsum": {"name": "DialogSum", "licence": "CC-BY-NC-SA-4.0", "split": "train"},
    "empathetic": {"name": "EmpatheticDialogues", "licence": "CC-BY-NC-4.0", "split": "train"},
}


def load(path: Path) -> Evaluation:
    """What the evaluate step found.

    Raises:
        CheckpointError: there is nothing, or it is damaged.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Evaluation)
    except FileNotFoundError as error:
        raise CheckpointError(f"{path.parent} holds no {path.name}: run the evaluate step first") from error
    except msgspec.MsgspecError as error:
        raise CheckpointError(f"{path} is damaged: run the evaluate step again") from error


def ship_extractive(work: Workspace) -> None:
    """The extractive engine."""
    found = load(work.run.evaluation)
    told = card.extractive(work.config, found)
    names = (CONFIG, LEXICON)
    entry = {
        "version": work.config.extractive_version,
        "description": "Weights of the extractive summarizer: how telling sentences and words are",
        "licence": "Apache-2.0",
        "training_data": [_SOURCES["hippocorpus"]],
        "metrics": card.figures(found, "extractive"),
    }
    _install(work, EXTRACTIVE, work.run.extractive, names, told, entry)


def ship_variant(work: Workspace, name: str) -> None:
    """A model that writes. Weights trained on data that forbids commerce never ship as Apache-2.0.

    Raises:
        DataError: the licence in the configuration is not one its training data allows.
    """
    variant = work.config.variants[name]
    strict = set(variant.sets) - summaries.PERMISSIVE
    if strict and variant.artifact.licence == "Apache-2.0":
        raise DataError(f"{name}: {', '.join(sorted(strict))} does not allow {variant.artifact.licence}")
    found = load(work.run.evaluation)
    sets = dict.fromkeys((*variant.sets, "hippocorpus", "goemotions"))
    entry = {
        "version": variant.artifact.version,
        "description": variant.artifact.description,
        "licence": variant.artifact.licence,
        "optional": True,
        "training_data": [_SOURCES[each] for each in sets],
        "base_model": BASE_MODEL,
        "metrics": card.figures(found, name),
    }
    names = (ENCODER, DECODER, TOKENIZER, CONFIG)
    _install(work, name, work.run.int8(name), names, card.writer(work.config, name, found), entry)


def _install(
    work: Workspace, name: str, source: Path, names: tuple[str, ...], told: str, entry: dict[str, Any]
) -> None:
    folder = work.models / name

    def write(fresh: Path) -> None:
        for each in names:
            shutil.copyfile(source / each, fresh / each)
        shutil.copyfile(_LICENCES[entry["licence"]], fresh / "LICENSE")
        (fresh / "MODEL_CARD.md").write_text(told, encoding="utf-8")

    package.install(folder, write)
    pinned = {**entry, "files": package.pin(folder, names), "source": {"kind": "committed"}}
    package.enter(work.models / "manifest.json", name, pinned)
    log.info("packaged %s", folder)
