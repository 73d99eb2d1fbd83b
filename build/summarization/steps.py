"""The steps from data to artifacts, each runnable alone on what the ones before left in the run folder."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from build.data import goemotions, hippocorpus, summaries
from build.errors import ConfigError
from build.files import write_json
from build.summarization import (
    distil,
    evaluate,
    exporting,
    extractive,
    material,
    report,
    shipping,
    timing,
)
from build.summarization.train import Trainer
from build.summarization.workspace import Workspace
from functions.shared.text.encoder import load_encoder
from functions.summarization.abstractive import AbstractiveEngine
from functions.summarization.engine import Engine
from functions.summarization.seq2seq import Seq2Seq

log = logging.getLogger(__name__)

Step = Callable[[Workspace, Sequence[str]], None]

_STORY_WORDS = 300


def extract(work: Workspace, _: Sequence[str]) -> None:
    """Fit the extractive engine on the encoder that ships."""
    settings, folder = work.config.extractive, work.data / "summaries"
    pairs = material.thin(summaries.load(folder, "hippocorpus", "train"), work.config.share, work.config.seed)
    found = extractive.stories(pairs, load_encoder(work.encoder), work.config.weights)
    fitted = extractive.fit(found, settings)
    untuned = extractive.config(shipping.EXTRACTIVE, work.config.extractive_version, fitted, settings)
    texts = [*hippocorpus.texts(folder, "train"), *goemotions.load(work.data / "goemotions", "train").texts]
    strangers = extractive.strangers(found, settings)
    made = extractive.tune(strangers, settings, untuned)
    extractive.write(work.run.extractive, made, fitted, texts, settings)
    write_json(work.run.guidance, extractive.guidance(strangers, made))
    work.run.quoted.unlink(missing_ok=True)


def pretrain(work: Workspace, _: Sequence[str]) -> None:
    """Learn to write from stories and comments; taken up where it stands."""
    settings, seed = work.config.pretraining, work.config.seed
    member = work.run.pretrained
    member.claim({"network": work.config.network, "pretraining": settings, "seed": seed})
    trainer = Trainer(settings.training, work.fresh(), work.vocabulary, member, seed=seed)
    trainer.fit(material.pretraining(work.texts, settings, seed), work.watched("hippocorpus"))


def train(work: Workspace, names: Sequence[str]) -> None:
    """Fine-tune each variant on its pairs and its teacher's summaries; taken up where it stands."""
    config = work.config
    for name in _chosen(work, names):
        variant = config.variants[name]
        member = work.run.variant(name)
        member.claim({**variant.learning, "weights": config.weights, "seed": config.seed})
        pairs = work.guided(material.pairs(work.data / "summaries", variant, config.share, config.seed))
        found = distil.lesson(work, variant, pairs)
        trainer = Trainer(variant.training, work.pretrained(name), work.vocabulary, member, seed=config.seed)
        rounds = material.fine_tuning(found, variant, config.weights, config.seed)
        trainer.fit(rounds, work.guided(work.watched(variant.sets[-1])))


def export(work: Workspace, names: Sequence[str]) -> None:
    """Trained variants as float32 and eight-bit graphs, in folders as serving reads them."""
    for name in _chosen(work, names):
        exporting.export(work, name)


def measure(work: Workspace, names: Sequence[str]) -> None:
    """Every summarizer on every dev set, the guard, and time."""
    quoting = work.quoting
    engines: dict[str, Engine] = {evaluate.EXTRACTS: quoting}
    writers = {}
    for name in _exported(work, names):
        for kind, folder in ((name, work.run.int8(name)), (f"{name} (float32)", work.run.fp32(name))):
            writers[kind] = (Seq2Seq.load(folder), folder)
            engines[kind] = AbstractiveEngine(writers[kind][0], quoting)
    folder = work.data / "summaries"
    found = evaluate.evaluate(folder, engines, quoting.names, work.config.judged, work.config.seed)
    racers = {
        **writers,
        "T5-small int8, random weights": (timing.t5_small(work.run.t5), work.run.t5 / "int8"),
    }
    stories = summaries.load(folder, "hippocorpus", "dev")
    story = min((pair.source for pair in stories), key=lambda text: abs(len(text.split()) - _STORY_WORDS))
    timings = [*timing.summarizing(engines, story), *timing.writing(racers)]
    write_json(work.run.evaluation, evaluate.with_timings(found, timings))


def package(work: Workspace, names: Sequence[str]) -> None:
    """Write the artifacts' folders, each in one step, and pin their files in the manifest."""
    if not names:
        shipping.ship_extractive(work)
    for name in _exported(work, names):
        shipping.ship_variant(work, name)


def show(work: Workspace, _: Sequence[str]) -> None:
    """Everything to look at, on one page."""
    log.info("%s", report.write(work.run, shipping.load(work.run.evaluation)))


STEPS: dict[str, Step] = {
    "extract": extract,
    "pretrain": pretrain,
    "train": train,
    "export": export,
    "evaluate": measure,
    "package": package,
    "report": show,
}
ORDER = tuple(STEPS)


def _chosen(work: Workspace, names: Sequence[str]) -> Sequence[str]:
    """The variants named, or all.

    Raises:
        ConfigError: one is not in the configuration.
    """
    known = work.config.variants
    if unknown := [name for name in names if name not in known]:
        raise ConfigError(f"no variant {unknown[0]!r}; there are {', '.join(known)}")
    return names or list(known)


def _exported(work: Workspace, names: Sequence[str]) -> list[str]:
    return [name for name in _chosen(work, names) if work.run.int8(name).is_dir()]
