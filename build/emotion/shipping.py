"""From the trained network to the artifact: exported, quantised, calibrated, described and pinned."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from build import package as folders
from build.emotion import artifact, card, evaluate, offsets
from build.emotion.workspace import Workspace
from build.errors import CheckpointError
from build.evaluation import crossfit
from build.files import write_bytes, write_json
from build.quantisation import export as graphs
from build.report import folder as runs
from build.training import checkpoint
from functions.shared.runtime.onnx import CONFIG, GRAPH
from functions.shared.text.encoder import TOKENIZER, load_encoder

log = logging.getLogger(__name__)

_LICENCE = Path(__file__).parent / "LICENSE-ARTIFACT.txt"


def export(work: Workspace) -> None:
    """The trained network as a float32 graph, in a folder as serving reads it.

    Raises:
        CheckpointError: the student isn't trained to its end.
        ArtifactError: a graph computes something else than the network.
    """
    found = work.read()
    model = work.school.fresh(found)
    epochs = checkpoint.load_weights(work.run.student, model)
    if epochs < work.config.training.epochs and not work.config.training.patience:
        raise CheckpointError(f"{work.run.student.folder} holds only {epochs} epochs: run the train step")
    graphs.export(model, work.run.fp32 / GRAPH, work.config.artifact.opset)
    work.tokenizer.save(str(work.run.fp32 / TOKENIZER), pretty=False)
    untuned = artifact.untuned(found.labels)
    write_json(work.run.fp32 / CONFIG, artifact.encoder_config(work.config.artifact, untuned, work.width))


def ship(work: Workspace) -> None:
    """Write the artifact's folder in one step, and pin its files in the manifest.

    Raises:
        ArtifactError: serving would refuse it, or it is too large.
    """
    found = evaluate.load(work.run.evaluation)
    settings = work.config.artifact
    fitted = {name: crossfit.recall(head.int8) for name, head in found.heads.items()}
    together = load_encoder(work.run.int8).config.batch
    shipped = artifact.encoder_config(settings, artifact.tuned(found, fitted), work.width, together)
    folder = work.models / settings.name

    def write(fresh: Path) -> None:
        for name in (GRAPH, TOKENIZER):
            shutil.copyfile(work.run.int8 / name, fresh / name)
        offsets.shift(fresh / GRAPH, {name: each.scaling.shifts() for name, each in fitted.items()})
        shutil.copyfile(_LICENCE, fresh / "LICENSE")
        write_json(fresh / CONFIG, shipped)
        told = card.render(work.config, shipped, found, runs.find(work.run.folder))
        write_bytes(fresh / "MODEL_CARD.md", told.encode())
        graphs.check_contract(fresh, settings.max_megabytes)

    folders.install(folder, write)
    entry = artifact.manifest_entry(work.config, found, folders.pin(folder, artifact.FILES))
    folders.enter(work.models / "manifest.json", settings.name, entry)
    log.info("packaged %s", folder)
