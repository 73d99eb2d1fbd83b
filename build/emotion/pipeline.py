"""The steps from data to artifact. Each can run alone on what the previous steps left in the run folder."""

from __future__ import annotations

import logging
from collections.abc import Callable

from build.emotion.compression import compress
from build.emotion.data.training_set import TrainingSet
from build.emotion.evaluation import evaluate_run
from build.emotion.release import package
from build.emotion.training import ablation
from build.emotion.training.teacher import TeacherEnsemble
from build.emotion.workspace import Workspace
from build.files import write_json
from build.report import page
from build.text_encoder import EMOTIONS

log = logging.getLogger(__name__)


def train_teachers(workspace: Workspace) -> None:
    """Train the teachers and save their predictions on the training texts as distillation targets."""
    if workspace.config.teacher is None:
        return
    datasets = workspace.load_datasets()
    ensemble = TeacherEnsemble(
        workspace.config, workspace.config.teacher, workspace.base, workspace.tokenizer, workspace.run_dir
    )
    train, dev = (TrainingSet.from_dataset(split[EMOTIONS]) for split in (datasets.train, datasets.dev))
    ensemble.distillation_targets(train, dev, datasets.unlabelled).save(
        workspace.run_dir.distillation_targets
    )


def train_student(workspace: Workspace) -> None:
    """Train the student; a finished or interrupted training is resumed."""
    workspace.student_trainer.train_student(workspace.training_data(), workspace.run_dir.student)


def run_ablation(workspace: Workspace) -> None:
    """Measure the effect of each part of the recipe."""
    ablation.run_ablation(workspace.student_trainer, workspace.training_data(), workspace.run_dir)


def export_onnx(workspace: Workspace) -> None:
    """Export the trained network to ONNX, in a folder that serving can load."""
    package.export(workspace)


def compress_model(workspace: Workspace) -> None:
    """Make smaller variants, and select one by size, latency and F1."""
    compress.compress(workspace)


def evaluate_model(workspace: Workspace) -> None:
    """Fit calibration and thresholds, score int8 and float32 on the dev splits, and time them."""
    evaluation = evaluate_run.evaluate_run(workspace)
    write_json(workspace.run_dir.evaluation, evaluation)
    for name, head in evaluation.heads.items():
        scores = head.int8.scores.macro_f1.value, head.fp32.scores.macro_f1.value
        log.info("%s: cross-validated macro-F1: int8 %.4f, fp32 %.4f", name, *scores)


def package_artifact(workspace: Workspace) -> None:
    """Write the artifact's folder atomically and pin its files in the manifest."""
    package.package(workspace)


def write_report(workspace: Workspace) -> None:
    """Write the HTML report."""
    log.info("%s", page.write(workspace.run_dir.folder))


STEPS: dict[str, Callable[[Workspace], None]] = {
    "train-teachers": train_teachers,
    "train": train_student,
    "ablate": run_ablation,
    "export": export_onnx,
    "compress": compress_model,
    "evaluate": evaluate_model,
    "package": package_artifact,
    "report": write_report,
}
ORDER = tuple(STEPS)
