"""Packages artifacts: files, licence and model card, installed atomically and pinned in the manifest."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any

import msgspec

from build import artifact_store
from build.data import summaries
from build.errors import CheckpointError, DataError
from build.summarization.evaluation.records import Evaluation
from build.summarization.release import model_card
from build.summarization.workspace import Workspace
from functions.shared.runtime.onnx import CONFIG
from functions.shared.text.encoder import TOKENIZER
from functions.summarization.abstracts.seq2seq import DECODER, ENCODER
from functions.summarization.extracts.config import LEXICON

log = logging.getLogger(__name__)

EXTRACTIVE = "extractive-summarizer"
BASE_MODEL = "sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0)"
_ROOT = Path(__file__).parents[3]
_LICENCES = {
    "Apache-2.0": _ROOT / "LICENSE",
    "CC-BY-NC-SA-4.0": Path(__file__).with_name("LICENSE-CC-BY-NC-SA-4.0.txt"),
}
_SOURCES = {
    "journal": {"name": "SAMO's labelled journal entries", "licence": "Apache-2.0", "split": "train"},
    "hippocorpus": {"name": "Hippocorpus", "licence": "O-UDA-1.0", "split": "train"},
    "goemotions": {"name": "GoEmotions", "licence": "Apache-2.0", "split": "train"},
    "dialogsum": {"name": "DialogSum", "licence": "CC-BY-NC-SA-4.0", "split": "train"},
    "empathetic": {"name": "EmpatheticDialogues", "licence": "CC-BY-NC-4.0", "split": "train"},
}


def load(path: Path) -> Evaluation:
    """Read the evaluation of the run.

    Raises:
        CheckpointError: it is missing or damaged.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Evaluation)
    except FileNotFoundError as error:
        raise CheckpointError(f"{path.parent} has no {path.name}: run the evaluate step first") from error
    except msgspec.MsgspecError as error:
        raise CheckpointError(f"{path} is damaged: run the evaluate step again") from error


def package_extractive(workspace: Workspace) -> None:
    """Package the extractive engine."""
    evaluation = load(workspace.run_dir.evaluation)
    card_text = model_card.extractive_card(workspace.config, evaluation)
    names = (CONFIG, LEXICON)
    entry = {
        "version": workspace.config.extractive_version,
        "description": "Weights of the extractive summarizer: scores of sentences and words",
        "licence": "Apache-2.0",
        "training_data": [_SOURCES["hippocorpus"], _SOURCES["journal"]],
        "metrics": model_card.headline_metrics(evaluation, "extractive"),
    }
    _install(workspace, EXTRACTIVE, workspace.run_dir.extractive, names, card_text, entry)


def package_variant(workspace: Workspace, name: str) -> None:
    """Package an abstractive model. Weights trained on non-commercial data never ship as Apache-2.0.

    Raises:
        DataError: the configured licence is not allowed by the training data.
    """
    variant = workspace.config.variants[name]
    restrictive = set(variant.datasets) - summaries.PERMISSIVE
    if restrictive and variant.artifact.licence == "Apache-2.0":
        raise DataError(f"{name}: {', '.join(sorted(restrictive))} does not allow {variant.artifact.licence}")
    evaluation = load(workspace.run_dir.evaluation)
    datasets = dict.fromkeys((*variant.datasets, "hippocorpus", "goemotions"))
    entry = {
        "version": variant.artifact.version,
        "description": variant.artifact.description,
        "licence": variant.artifact.licence,
        "optional": True,
        "training_data": [_SOURCES[dataset] for dataset in datasets],
        "base_model": BASE_MODEL,
        "metrics": model_card.headline_metrics(evaluation, name),
    }
    names = (ENCODER, DECODER, TOKENIZER, CONFIG)
    _install(
        workspace,
        name,
        workspace.run_dir.int8(name),
        names,
        model_card.abstractive_card(workspace.config, name, evaluation),
        entry,
    )


def _install(
    workspace: Workspace,
    name: str,
    source: Path,
    names: tuple[str, ...],
    card_text: str,
    entry: dict[str, Any],
) -> None:
    folder = workspace.models / name

    def write(target: Path) -> None:
        for file_name in names:
            shutil.copyfile(source / file_name, target / file_name)
        shutil.copyfile(_LICENCES[entry["licence"]], target / "LICENSE")
        (target / "MODEL_CARD.md").write_text(card_text, encoding="utf-8")

    artifact_store.replace_folder(folder, write)
    pinned = {**entry, "files": artifact_store.pin_files(folder, names), "source": {"kind": "committed"}}
    artifact_store.update_manifest(workspace.models / "manifest.json", name, pinned)
    log.info("packaged %s", folder)
