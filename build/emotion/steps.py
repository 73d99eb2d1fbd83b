"""The steps from data to artifact, each runnable alone on what the ones before left in the run folder."""

from __future__ import annotations

import logging
from collections.abc import Callable

from build.emotion import ablation, compression, measuring, shipping
from build.emotion.corpus import Corpus
from build.emotion.model import EMOTIONS
from build.emotion.teacher import Ensemble
from build.emotion.workspace import Workspace
from build.files import write_json
from build.report import page

log = logging.getLogger(__name__)


def teach(work: Workspace) -> None:
    """Train the teachers, and keep what they say of the training texts."""
    if work.config.teacher is None:
        return
    found = work.read()
    ensemble = Ensemble(work.config, work.config.teacher, work.base, work.tokenizer, work.run)
    train, dev = (Corpus.of(each[EMOTIONS]) for each in (found.train, found.dev))
    ensemble.teach(train, dev, found.unlabelled).save(work.run.lesson)


def train(work: Workspace) -> None:
    """Train the student; a finished or interrupted training is taken up where it stands."""
    work.school.teach(work.material(), work.run.student)


def ablate(work: Workspace) -> None:
    """Find out what each part of the recipe is worth."""
    ablation.run(work.school, work.material(), work.run)


def to_onnx(work: Workspace) -> None:
    """Export the trained network, into a folder as serving reads it."""
    shipping.export(work)


def compress(work: Workspace) -> None:
    """Make it small in every way, and choose by size, speed and F1."""
    compression.compress(work)


def measure(work: Workspace) -> None:
    """Fit calibration and thresholds, score both models on the dev splits, and time them."""
    found = measuring.measure(work)
    write_json(work.run.evaluation, found)
    for name, head in found.heads.items():
        scores = head.int8.scores.macro_f1.value, head.fp32.scores.macro_f1.value
        log.info("%s: macro-F1 cross-fitted: int8 %.4f, fp32 %.4f", name, *scores)


def package(work: Workspace) -> None:
    """Write the artifact's folder in one step, and pin its files in the manifest."""
    shipping.ship(work)


def report(work: Workspace) -> None:
    """Everything to look at, on one page."""
    log.info("%s", page.write(work.run.folder))


STEPS: dict[str, Callable[[Workspace], None]] = {
    "teach": teach,
    "train": train,
    "ablate": ablate,
    "export": to_onnx,
    "compress": compress,
    "evaluate": measure,
    "package": package,
    "report": report,
}
ORDER = tuple(STEPS)
