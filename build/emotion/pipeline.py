"""The steps from data to artifact, each runnable alone on what the ones before left in the run folder."""

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


def train_teachers(work: Workspace) -> None:
    """Train the teachers, and keep what they say of the training texts."""
    if work.config.teacher is None:
        return
    found = work.read()
    ensemble = TeacherEnsemble(work.config, work.config.teacher, work.base, work.tokenizer, work.run)
    train, dev = (TrainingSet.from_dataset(each[EMOTIONS]) for each in (found.train, found.dev))
    ensemble.teach(train, dev, found.unlabelled).save(work.run.lesson)


def train_student(work: Workspace) -> None:
    """Train the student; a finished or interrupted training is taken up where it stands."""
    work.school.teach(work.material(), work.run.student)


def run_ablation(work: Workspace) -> None:
    """Find out what each part of the recipe is worth."""
    ablation.run(work.school, work.material(), work.run)


def export_onnx(work: Workspace) -> None:
    """Export the trained network, into a folder as serving reads it."""
    package.export(work)


def compress_model(work: Workspace) -> None:
    """Make it small in every way, and choose by size, speed and F1."""
    compress.compress(work)


def evaluate_model(work: Workspace) -> None:
    """Fit calibration and thresholds, score both models on the dev splits, and time them."""
    found = evaluate_run.measure(work)
    write_json(work.run.evaluation, found)
    for name, head in found.heads.items():
        scores = head.int8.scores.macro_f1.value, head.fp32.scores.macro_f1.value
        log.info("%s: macro-F1 cross-fitted: int8 %.4f, fp32 %.4f", name, *scores)


def package_artifact(work: Workspace) -> None:
    """Write the artifact's folder in one step, and pin its files in the manifest."""
    package.ship(work)


def write_report(work: Workspace) -> None:
    """Everything to look at, on one page."""
    log.info("%s", page.write(work.run.folder))


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
