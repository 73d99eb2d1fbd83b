"""Compares smaller graphs of the student and selects the one that ships by size, latency and F1.

Every quantization variant of the student is tried, then the best ones on changed networks (`model_changes`)
and on a smaller vocabulary. Graphs are cached in the run's folder until the student or the settings change.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from build import tokenization
from build.emotion.compression import model_changes
from build.emotion.config import Compression
from build.emotion.data.datasets import EmotionDatasets
from build.emotion.release import artifact
from build.emotion.training.student import TrainingData
from build.emotion.workspace import Workspace
from build.errors import ConfigError
from build.evaluation.cross_validation import DecisionConfig
from build.evaluation.records import GraphRecord
from build.files import sha256, write_bytes, write_json
from build.quantization import tradeoff, variants, vocabulary_pruning
from build.quantization.matmuls import Feed
from build.quantization.tradeoff import Candidate, DevSet, SelectionRule
from build.quantization.variants import VARIANTS, Source
from build.text_encoder import EMOTIONS, TextEncoder
from functions.shared.runtime.onnx import CONFIG, GRAPH
from functions.shared.text.encoder import TOKENIZER

log = logging.getLogger(__name__)

LATIN = "latin"
_SERVING_BATCH = 16
"""Texts per batch in serving, if results do not depend on the batch."""


class Float32Model(NamedTuple):
    """A float32 graph, its tokenizer, its attention heads per layer, and the variants to make of it."""

    graph: Path
    tokenizer: Path
    heads: int
    variants: Sequence[str]
    note: str = ""


class QuantizedModel(NamedTuple):
    """A graph to compare, and its tokenizer."""

    candidate: Candidate
    tokenizer: Path


def check(settings: Compression) -> None:
    """Detect misspelt names before hours of training.

    Raises:
        ConfigError: an unknown variant or model change.
    """
    variant_names = {
        *settings.variants,
        *(name for names in settings.model_changes.values() for name in names),
    }
    for kind, names, known in (
        ("variant", variant_names, VARIANTS.keys()),
        ("model change", settings.model_changes.keys(), {*model_changes.CHANGES, LATIN}),
    ):
        if unknown := sorted(names - known):
            raise ConfigError(f"unknown {kind} {unknown[0]!r}; known are {', '.join(sorted(known))}")


def compress(workspace: Workspace) -> None:
    """Make all configured graphs, compare them, and copy the selected one to ``run_dir.int8``.

    Raises:
        CheckpointError: the student is not trained.
        ArtifactError: no graph qualifies.
    """
    data = workspace.training_data()
    datasets = data.datasets
    student = workspace.student_trainer.load_trained(datasets, workspace.run_dir.student)
    _remove_outdated_graphs(workspace)
    models = {
        label: model
        for name, source in _float32_models(workspace, student, data)
        for label, model in _quantize(workspace, datasets, name, source)
    }
    rows = _compare(workspace, datasets, models)
    (selected,) = (row for row in rows if row.ships)
    log.info("%s ships: %.1f MB, %+.4f macro-F1", selected.variant, selected.megabytes, selected.minus_fp32)
    _copy_selected(workspace, datasets, selected, models[selected.variant])


def _remove_outdated_graphs(workspace: Workspace) -> None:
    """Remove graphs of another student or other settings."""
    stamp = workspace.run_dir.graphs / "source.json"
    current = msgspec.json.encode(
        {"student": sha256(workspace.run_dir.student.weights), "settings": workspace.config.compression}
    )
    if stamp.is_file() and stamp.read_bytes() != current:
        shutil.rmtree(workspace.run_dir.graphs)
    write_bytes(stamp, current)


def _float32_models(
    workspace: Workspace, student: TextEncoder, data: TrainingData
) -> Iterator[tuple[str, Float32Model]]:
    """By name; the unchanged student comes first, with an empty name."""
    settings, heads = workspace.config.compression, workspace.attention_heads
    variant_names = settings.variants or tuple(VARIANTS)
    plain = Float32Model(
        workspace.run_dir.fp32 / GRAPH, workspace.run_dir.fp32 / TOKENIZER, heads, variant_names
    )
    yield "", plain
    for name, variant_names in settings.model_changes.items():
        if name == LATIN:
            yield name, _latin_model(plain, workspace.run_dir.graphs / LATIN, variant_names)
        else:
            graph = model_changes.train_changed_model(
                workspace.student_trainer, student, data, name, workspace.run_dir.graphs / name
            )
            heads_left, note = model_changes.remaining_heads(name, heads), model_changes.CHANGES[name].note
            yield name, Float32Model(graph, plain.tokenizer, heads_left, variant_names, note)


def _latin_model(plain: Float32Model, folder: Path, variant_names: Sequence[str]) -> Float32Model:
    graph, tokenizer = folder / "fp32.onnx", folder / TOKENIZER
    if not graph.is_file():
        token_ids = vocabulary_pruning.latin_token_ids(plain.tokenizer).tolist()
        vocabulary_pruning.prune_tokenizer(plain.tokenizer, tokenizer, token_ids)
        vocabulary_pruning.prune_embedding_table(plain.graph, graph, token_ids)
    return Float32Model(
        graph, tokenizer, plain.heads, variant_names, "without letters of other scripts and unused tokens"
    )


def _quantize(
    workspace: Workspace, datasets: EmotionDatasets, name: str, source: Float32Model
) -> Iterator[tuple[str, QuantizedModel]]:
    rows = _rows(workspace, source.tokenizer, datasets.dev[EMOTIONS].texts)
    width = source.heads * (workspace.width // workspace.attention_heads)
    feeds = _feeds(workspace, datasets, source.tokenizer)
    with Source.prepare(source.graph, source.heads, width, feeds) as prepared:
        for variant in source.variants:
            label = f"{variant}, {name}" if name else variant
            graph = workspace.run_dir.graphs / name / f"{variant}.onnx"
            if not graph.is_file():
                variants.write(variant, prepared, graph)
                log.info("%s: %.1f MB", label, graph.stat().st_size / 1e6)
            note = "; ".join(filter(None, (source.note, VARIANTS[variant].note)))
            yield (
                label,
                QuantizedModel(
                    Candidate(graph, note, rows, VARIANTS[variant].batch_sensitive), source.tokenizer
                ),
            )


def _feeds(workspace: Workspace, datasets: EmotionDatasets, tokenizer: Path) -> list[Feed]:
    """Calibration texts, half comments, half journal entries: short texts give too narrow ranges."""
    texts = {tuple(dataset.texts): None for dataset in datasets.train.values()}
    share = workspace.config.compression.calibration_texts // len(texts)
    return [
        feed
        for unique_texts in texts
        for feed in variants.feeds(_rows(workspace, tokenizer, unique_texts), share, workspace.config.seed)
    ]


def _compare(
    workspace: Workspace, datasets: EmotionDatasets, models: dict[str, QuantizedModel]
) -> list[GraphRecord]:
    settings, dev = workspace.config.compression, datasets.dev[EMOTIONS]
    decision = DecisionConfig(
        thresholds=replace(workspace.config.thresholds, repeats=settings.repeats), seed=workspace.config.seed
    )
    rows = _rows(workspace, workspace.run_dir.fp32 / TOKENIZER, dev.texts)
    dev_set = DevSet(rows, dev.targets > 0, decision, extra=workspace.out_of_fold(datasets).get(EMOTIONS))
    rule = SelectionRule(
        max_f1_loss=settings.max_f1_loss,
        max_megabytes=workspace.config.artifact.max_megabytes,
        latency_tolerance=settings.latency_tolerance,
    )
    candidates = {label: model.candidate for label, model in models.items()}
    records = tradeoff.compare(candidates, dev_set, rule, settings.timed_texts)
    tradeoff.write(records, workspace.run_dir.tradeoff)
    return records


def _copy_selected(
    workspace: Workspace, datasets: EmotionDatasets, selected: GraphRecord, model: QuantizedModel
) -> None:
    """Write a folder that serving can load, with untuned thresholds."""
    folder = workspace.run_dir.int8
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(model.candidate.graph, folder / GRAPH)
    shutil.copyfile(model.tokenizer, folder / TOKENIZER)
    batch = 1 if selected.batch_sensitive else _SERVING_BATCH
    untuned = artifact.untuned_heads(datasets.labels)
    write_json(
        folder / CONFIG,
        artifact.encoder_config(workspace.config.artifact, untuned, workspace.width, batch),
    )


def _rows(workspace: Workspace, tokenizer: Path, texts: Sequence[str]) -> list[list[int]]:
    return tokenization.encode(
        tokenization.load_tokenizer(tokenizer), list(texts), workspace.config.artifact.max_length
    )
