"""From the evaluated reader to the artifact: model card, license and manifest entry."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any

from jinja2 import Environment as Templates
from jinja2 import StrictUndefined

from build import artifact_store
from build.files import write_bytes
from build.insight import evaluate
from build.insight.evaluate import Evaluation
from build.insight.release.report import estimate
from build.insight.scores import SCORES
from build.insight.workspace import SOURCES, Workspace
from functions.emotion.reader import JournalReader
from functions.emotion.reader_config import ReaderConfig
from functions.shared.runtime.onnx import CONFIG, GRAPH, read_config
from functions.shared.text.encoder import TOKENIZER

log = logging.getLogger(__name__)

LICENSE = "Apache-2.0"
FILES = (GRAPH, TOKENIZER, CONFIG)
DESCRIPTION = (
    "reads whole journal entries: emotions by sentence and as a whole, feelings, topics, mood; 4-bit ONNX"
)
TRAINING_DATA = (
    {"name": "journal entries of this project", "licence": LICENSE, "split": "train"},
    {"name": "Hippocorpus", "licence": "O-UDA-1.0", "split": "train"},
    {"name": "Lemotif", "licence": "MIT", "split": "train"},
)
_CARD = Path(__file__).with_name("model_card.template.md")
_LICENSE_TEXT = Path(__file__).parents[2] / "emotion" / "release" / "LICENSE-ARTIFACT.txt"


def package(workspace: Workspace) -> None:
    """Write the artifact's folder atomically and pin its files in the manifest.

    Raises:
        ArtifactError: serving would reject it.
    """
    evaluation = evaluate.load(workspace.run_dir.evaluation)
    folder = workspace.release / workspace.config.name

    def write(target: Path) -> None:
        for name in FILES:
            shutil.copyfile(workspace.run_dir.quantized / name, target / name)
        shutil.copyfile(_LICENSE_TEXT, target / "LICENSE")
        write_bytes(target / "MODEL_CARD.md", card(workspace, evaluation).encode())
        JournalReader.load(target).read(["One sentence.", "And another one."])

    artifact_store.replace_folder(folder, write)
    artifact_store.update_manifest(
        workspace.release / "manifest.json",
        workspace.config.name,
        manifest_entry(workspace, evaluation, artifact_store.pin_files(folder, FILES)),
    )
    log.info("packaged %s", folder)


def manifest_entry(
    workspace: Workspace, evaluation: Evaluation, files: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """The artifact's entry in `models/manifest.json`; `files` has sha256 and bytes by name."""
    sources = TRAINING_DATA if workspace.data is not None else TRAINING_DATA[:1]
    metrics = {
        f"journal_dev_{name.replace(', ', '_').replace(': ', '_').replace(' ', '_').lower()}": round(
            value.value, 1
        )
        for name, value in evaluation.reader["all"].items()
    }
    return {
        "version": workspace.config.version,
        "description": f"{SOURCES[workspace.config.base].name.partition('/')[2]} that {DESCRIPTION}",
        "licence": LICENSE,
        "files": files,
        "source": {"kind": "committed"},
        "training_data": list(sources),
        "base_model": SOURCES[workspace.config.base].name,
        "metrics": metrics,
    }


def card(workspace: Workspace, evaluation: Evaluation) -> str:
    """The model card as Markdown."""
    config = workspace.config
    templates = Templates(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701
    templates.filters["estimate"] = estimate
    return templates.from_string(_CARD.read_text(encoding="utf-8")).render(
        config=config,
        reader=read_config(workspace.run_dir.quantized, ReaderConfig),
        base=SOURCES[config.base].name,
        description=DESCRIPTION,
        evaluation=evaluation,
        scores=list(SCORES),
        megabytes=f"{(workspace.run_dir.quantized / GRAPH).stat().st_size / 1e6:.1f}",
        others=workspace.data is not None,
    )
