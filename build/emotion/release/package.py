"""From the trained network to the artifact: export, calibration, model card and manifest."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from build import artifact_store
from build.emotion.evaluation import evaluate
from build.emotion.release import artifact, calibration_offsets, model_card
from build.emotion.workspace import Workspace
from build.errors import CheckpointError
from build.evaluation import cross_validation
from build.files import write_bytes, write_json
from build.quantization import export as onnx_export
from build.report import run_results
from build.training import checkpoint
from functions.shared.runtime.onnx import CONFIG, GRAPH
from functions.shared.text.encoder import TOKENIZER, load_encoder

log = logging.getLogger(__name__)

_LICENCE = Path(__file__).parent / "LICENSE-ARTIFACT.txt"


def export(workspace: Workspace) -> None:
    """Export the trained network as a float32 graph, in a folder that serving can load.

    Raises:
        CheckpointError: the student's training is not complete.
        ArtifactError: the graph's outputs differ from the network's.
    """
    datasets = workspace.load_datasets()
    model = workspace.student_trainer.new_model(datasets)
    epochs = checkpoint.load_weights(workspace.run_dir.student, model)
    if epochs < workspace.config.training.epochs and not workspace.config.training.patience:
        raise CheckpointError(
            f"{workspace.run_dir.student.folder} has only {epochs} epochs: run the train step"
        )
    onnx_export.export(model, workspace.run_dir.fp32 / GRAPH, workspace.config.artifact.opset)
    workspace.tokenizer.save(str(workspace.run_dir.fp32 / TOKENIZER), pretty=False)
    heads = artifact.untuned_heads(datasets.labels)
    write_json(
        workspace.run_dir.fp32 / CONFIG,
        artifact.encoder_config(workspace.config.artifact, heads, workspace.width),
    )


def package(workspace: Workspace) -> None:
    """Write the artifact's folder atomically and pin its files in the manifest.

    Raises:
        ArtifactError: serving would reject it, or it is too large.
    """
    evaluation = evaluate.load(workspace.run_dir.evaluation)
    settings = workspace.config.artifact
    rules = {name: cross_validation.shipped_rule(head.int8) for name, head in evaluation.heads.items()}
    batch = load_encoder(workspace.run_dir.int8).config.batch
    encoder_config = artifact.encoder_config(
        settings, artifact.tuned_heads(evaluation, rules), workspace.width, batch
    )
    folder = workspace.models / settings.name

    def write(target: Path) -> None:
        for name in (GRAPH, TOKENIZER):
            shutil.copyfile(workspace.run_dir.int8 / name, target / name)
        calibration_offsets.add_offsets(
            target / GRAPH, {name: rule.scaling.logit_shifts() for name, rule in rules.items()}
        )
        shutil.copyfile(_LICENCE, target / "LICENSE")
        write_json(target / CONFIG, encoder_config)
        card = model_card.render(
            workspace.config, encoder_config, evaluation, run_results.load_results(workspace.run_dir.folder)
        )
        write_bytes(target / "MODEL_CARD.md", card.encode())
        onnx_export.check_contract(target, settings.max_megabytes)

    artifact_store.replace_folder(folder, write)
    entry = artifact.manifest_entry(
        workspace.config, evaluation, artifact_store.pin_files(folder, artifact.FILES)
    )
    artifact_store.update_manifest(workspace.models / "manifest.json", settings.name, entry)
    log.info("packaged %s", folder)
