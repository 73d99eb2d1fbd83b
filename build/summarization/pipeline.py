"""The steps from data to artifacts. Each can run alone on what the previous steps left in the run folder."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import msgspec

from build.data import goemotions, hippocorpus, summaries
from build.data.journal import entries as journal
from build.errors import ConfigError
from build.files import write_json
from build.summarization.data import training_data
from build.summarization.evaluation import evaluate, latency
from build.summarization.export import export
from build.summarization.extractive import artifact, fitting, tuning
from build.summarization.extractive.stories import load_stories
from build.summarization.release import package, report
from build.summarization.titles import fitting as titles
from build.summarization.training import distillation
from build.summarization.training.trainer import Trainer
from build.summarization.workspace import Workspace
from functions.shared.text.encoder import load_encoder
from functions.summarization.abstracts.engine import AbstractiveEngine
from functions.summarization.abstracts.seq2seq import Seq2Seq
from functions.summarization.engine import Engine
from functions.summarization.extracts.config import read_lexicon

log = logging.getLogger(__name__)

Step = Callable[[Workspace, Sequence[str]], None]

_STORY_WORDS = 300
"""Length of the story for the latency comparison."""


def fit_extractive(workspace: Workspace, _: Sequence[str]) -> None:
    """Fit and tune the extractive engine with the released encoder."""
    settings, folder = workspace.config.extractive, workspace.data / "summaries"
    pairs = training_data.random_share(
        summaries.load(folder, "hippocorpus", "train"), workspace.config.share, workspace.config.seed
    )
    stories = load_stories(pairs, load_encoder(workspace.encoder), workspace.config.example_weights)
    fitted = fitting.fit(stories, settings)
    untuned = fitting.untuned_config(
        package.EXTRACTIVE, workspace.config.extractive_version, fitted, settings
    )
    texts = [
        *hippocorpus.load_texts(folder, "train"),
        *goemotions.load(workspace.data / "goemotions", "train").texts,
    ]
    held_out = tuning.cross_validated_stories(stories, settings)
    tuned = tuning.tune(held_out, settings, untuned)
    artifact.write(workspace.run_dir.extractive, tuned, fitted, texts, settings)
    write_json(workspace.run_dir.out_of_fold_extracts, tuning.out_of_fold_extracts(held_out, tuned))
    workspace.run_dir.extracts.unlink(missing_ok=True)


def fit_titles(workspace: Workspace, _: Sequence[str]) -> None:
    """Fit the scorer of titles on the entries written for this project; it joins the engine's artifact."""
    config, folder = workspace.config, workspace.run_dir.extractive
    entries = training_data.random_share(journal.load("train", None), config.share, config.seed)
    lexicon = read_lexicon(folder)
    weights = titles.fit(entries, lexicon.nouns, config.titles)
    artifact.write_lexicon(folder, msgspec.structs.replace(lexicon, titles=weights))


def pretrain(workspace: Workspace, _: Sequence[str]) -> None:
    """Pretrain on stories and comments; an interrupted training is resumed."""
    settings, seed = workspace.config.pretraining, workspace.config.seed
    checkpoint_dir = workspace.run_dir.pretrained
    checkpoint_dir.check_settings(
        {"network": workspace.config.network, "pretraining": settings, "seed": seed}
    )
    trainer = Trainer(
        settings.training, workspace.new_model(), workspace.vocabulary, checkpoint_dir, seed=seed
    )
    trainer.fit(
        training_data.pretraining_sampler(workspace.pretraining_texts, settings, seed),
        workspace.monitored_pairs("hippocorpus"),
    )


def train(workspace: Workspace, names: Sequence[str]) -> None:
    """Fine-tune each variant on its pairs and its teacher's summaries; an interrupted training is resumed."""
    config = workspace.config
    for name in _selected(workspace, names):
        variant = config.variants[name]
        checkpoint_dir = workspace.run_dir.variant(name)
        checkpoint_dir.check_settings(
            {**variant.weight_settings, "example_weights": config.example_weights, "seed": config.seed}
        )
        pairs = workspace.with_extracts(
            training_data.load_pairs(workspace.data / "summaries", variant, config.share, config.seed)
        )
        pairs_with_teacher = distillation.with_teacher_summaries(workspace, variant, pairs)
        trainer = Trainer(
            variant.training,
            workspace.initial_model(name),
            workspace.vocabulary,
            checkpoint_dir,
            seed=config.seed,
        )
        sampler = training_data.fine_tuning_sampler(
            pairs_with_teacher, variant, config.example_weights, config.seed
        )
        trainer.fit(sampler, workspace.with_extracts(workspace.monitored_pairs(variant.datasets[-1])))


def export_onnx(workspace: Workspace, names: Sequence[str]) -> None:
    """Export trained variants as float32 and int8 graphs, in folders that serving can load."""
    for name in _selected(workspace, names):
        export.export(workspace, name)


def evaluate_summarizers(workspace: Workspace, names: Sequence[str]) -> None:
    """Evaluate every summarizer on every dev set, the faithfulness guard, and latency."""
    extractive = workspace.extractive_engine
    engines: dict[str, Engine] = {evaluate.EXTRACTIVE: extractive}
    models = {}
    for name in _exported(workspace, names):
        for kind, folder in (
            (name, workspace.run_dir.int8(name)),
            (f"{name} (float32)", workspace.run_dir.fp32(name)),
        ):
            models[kind] = (Seq2Seq.load(folder), folder)
            engines[kind] = AbstractiveEngine(models[kind][0], extractive)
    folder = workspace.data / "summaries"
    evaluation = evaluate.evaluate(
        folder, engines, extractive.names, workspace.config.evaluated_pairs, workspace.config.seed
    )
    timed_models = {
        **models,
        "T5-small int8, random weights": (
            latency.random_t5_small(workspace.run_dir.t5),
            workspace.run_dir.t5 / "int8",
        ),
    }
    stories = summaries.load(folder, "hippocorpus", "dev")
    story = min((pair.source for pair in stories), key=lambda text: abs(len(text.split()) - _STORY_WORDS))
    timings = [*latency.time_engines(engines, story), *latency.time_models(timed_models)]
    write_json(workspace.run_dir.evaluation, evaluate.with_timings(evaluation, timings))


def package_artifacts(workspace: Workspace, names: Sequence[str]) -> None:
    """Write the artifacts' folders, each atomically, and pin their files in the manifest."""
    if not names:
        package.package_extractive(workspace)
    for name in _exported(workspace, names):
        package.package_variant(workspace, name)


def write_report(workspace: Workspace, _: Sequence[str]) -> None:
    """Write the HTML report."""
    log.info("%s", report.write(workspace.run_dir, package.load(workspace.run_dir.evaluation)))


STEPS: dict[str, Step] = {
    "fit-extractive": fit_extractive,
    "fit-titles": fit_titles,
    "pretrain": pretrain,
    "train": train,
    "export": export_onnx,
    "evaluate": evaluate_summarizers,
    "package": package_artifacts,
    "report": write_report,
}
ORDER = tuple(STEPS)


def _selected(workspace: Workspace, names: Sequence[str]) -> Sequence[str]:
    """The named variants, or all.

    Raises:
        ConfigError: an unknown variant.
    """
    variants = workspace.config.variants
    if unknown := [name for name in names if name not in variants]:
        raise ConfigError(f"unknown variant {unknown[0]!r}; known are {', '.join(variants)}")
    return names or list(variants)


def _exported(workspace: Workspace, names: Sequence[str]) -> list[str]:
    return [name for name in _selected(workspace, names) if workspace.run_dir.int8(name).is_dir()]
