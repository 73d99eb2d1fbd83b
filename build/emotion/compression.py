"""Smaller graphs of the student side by side, and which of them ships by measured size, speed and F1.

Every way to quantise the student is tried, then the best of them on its kin (`shrinking`) and on a smaller
vocabulary. Graphs once made are kept in the run's folder until the student or the settings change.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from build import tokens
from build.emotion import artifact, shrinking
from build.emotion.config import Compression
from build.emotion.model import EMOTIONS, TextEncoder
from build.emotion.sources import Sources
from build.emotion.student import Material
from build.emotion.workspace import Workspace
from build.errors import ConfigError
from build.evaluation.crossfit import Method
from build.evaluation.records import GraphRecord
from build.files import sha256, write_bytes, write_json
from build.quantisation import tradeoff, variants, vocabulary
from build.quantisation.products import Feed
from build.quantisation.tradeoff import Candidate, Dev, Rule
from build.quantisation.variants import VARIANTS, Source
from functions.shared.runtime.onnx import CONFIG, GRAPH
from functions.shared.text.encoder import TOKENIZER

log = logging.getLogger(__name__)

LATIN = "latin"
_TOGETHER = 16
"""Texts at once in serving, where company changes nothing."""


class Network(NamedTuple):
    """A float32 graph, what reads for it, its attention heads a layer, and the ways to quantise it."""

    graph: Path
    tokenizer: Path
    heads: int
    ways: Sequence[str]
    note: str = ""


class Made(NamedTuple):
    """A graph to judge, and what reads for it."""

    candidate: Candidate
    tokenizer: Path


def check(settings: Compression) -> None:
    """Find a wrong name before hours of training, not after.

    Raises:
        ConfigError: a variant or a change has an unknown name.
    """
    ways = {*settings.variants, *(way for ways in settings.changes.values() for way in ways)}
    for kind, wanted, known in (
        ("variant", ways, VARIANTS.keys()),
        ("change", settings.changes.keys(), {*shrinking.CHANGES, LATIN}),
    ):
        if unknown := sorted(wanted - known):
            raise ConfigError(f"no {kind} {unknown[0]!r}; there are {', '.join(sorted(known))}")


def compress(work: Workspace) -> None:
    """Make every graph the configuration names, compare them, and put the one that ships into ``run.int8``.

    Raises:
        CheckpointError: there is no trained student.
        ArtifactError: no graph may ship.
    """
    material = work.material()
    found = material.found
    student = work.school.trained(found, work.run.student)
    _forget_others(work)
    made = {
        label: each
        for name, network in _networks(work, student, material)
        for label, each in _quantise(work, found, name, network)
    }
    rows = _compare(work, found, made)
    (ships,) = (row for row in rows if row.ships)
    log.info("%s ships: %.1f MB, %+.4f macro-F1", ships.variant, ships.megabytes, ships.minus_fp32)
    _hand_over(work, found, ships, made[ships.variant])


def _forget_others(work: Workspace) -> None:
    """Remove graphs of another student or other settings."""
    stamp = work.run.graphs / "made-of.json"
    wanted = msgspec.json.encode(
        {"student": sha256(work.run.student.weights), "settings": work.config.compression}
    )
    if stamp.is_file() and stamp.read_bytes() != wanted:
        shutil.rmtree(work.run.graphs)
    write_bytes(stamp, wanted)


def _networks(work: Workspace, student: TextEncoder, material: Material) -> Iterator[tuple[str, Network]]:
    """By name; the student as it is comes first and has none."""
    settings, heads = work.config.compression, work.attention_heads
    ways = settings.variants or tuple(VARIANTS)
    plain = Network(work.run.fp32 / GRAPH, work.run.fp32 / TOKENIZER, heads, ways)
    yield "", plain
    for name, ways in settings.changes.items():
        if name == LATIN:
            yield name, _latin(plain, work.run.graphs / LATIN, ways)
        else:
            graph = shrinking.change(work.school, student, material, name, work.run.graphs / name)
            left, note = shrinking.heads_left(name, heads), shrinking.CHANGES[name].note
            yield name, Network(graph, plain.tokenizer, left, ways, note)


def _latin(plain: Network, folder: Path, ways: Sequence[str]) -> Network:
    graph, tokenizer = folder / "fp32.onnx", folder / TOKENIZER
    if not graph.is_file():
        kept = vocabulary.latin(plain.tokenizer).tolist()
        vocabulary.prune_tokenizer(plain.tokenizer, tokenizer, kept)
        vocabulary.prune_table(plain.graph, graph, kept)
    return Network(graph, tokenizer, plain.heads, ways, "without other scripts' letters and unused tokens")


def _quantise(work: Workspace, found: Sources, name: str, network: Network) -> Iterator[tuple[str, Made]]:
    rows = _rows(work, network.tokenizer, found.dev[EMOTIONS].texts)
    width = network.heads * (work.width // work.attention_heads)
    feeds = _feeds(work, found, network.tokenizer)
    with Source.prepare(network.graph, network.heads, width, feeds) as source:
        for way in network.ways:
            label = f"{way}, {name}" if name else way
            graph = work.run.graphs / name / f"{way}.onnx"
            if not graph.is_file():
                variants.write(way, source, graph)
                log.info("%s: %.1f MB", label, graph.stat().st_size / 1e6)
            note = "; ".join(filter(None, (network.note, VARIANTS[way].note)))
            yield label, Made(Candidate(graph, note, rows, VARIANTS[way].alone), network.tokenizer)


def _feeds(work: Workspace, found: Sources, tokenizer: Path) -> list[Feed]:
    """Comments and journal entries in equal parts: ranges of short texts are too narrow for long ones."""
    texts = {tuple(each.texts): None for each in found.train.values()}
    share = work.config.compression.calibration_texts // len(texts)
    return [
        feed
        for each in texts
        for feed in variants.feeds(_rows(work, tokenizer, each), share, work.config.seed)
    ]


def _compare(work: Workspace, found: Sources, made: dict[str, Made]) -> list[GraphRecord]:
    settings, dev = work.config.compression, found.dev[EMOTIONS]
    method = Method(search=replace(work.config.thresholds, repeats=settings.repeats), seed=work.config.seed)
    plain = _rows(work, work.run.fp32 / TOKENIZER, dev.texts)
    judged = Dev(plain, dev.targets > 0, method, more=work.unseen(found).get(EMOTIONS))
    rule = Rule(most_lost=settings.most_lost, megabytes=work.config.artifact.max_megabytes, tie=settings.tie)
    candidates = {label: each.candidate for label, each in made.items()}
    rows = tradeoff.compare(candidates, judged, rule, settings.timed)
    tradeoff.write(rows, work.run.tradeoff)
    return rows


def _hand_over(work: Workspace, found: Sources, ships: GraphRecord, made: Made) -> None:
    """A folder as serving reads it, nothing fitted yet."""
    folder = work.run.int8
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(made.candidate.graph, folder / GRAPH)
    shutil.copyfile(made.tokenizer, folder / TOKENIZER)
    together = 1 if ships.alone else _TOGETHER
    untuned = artifact.untuned(found.labels)
    write_json(folder / CONFIG, artifact.encoder_config(work.config.artifact, untuned, work.width, together))


def _rows(work: Workspace, tokenizer: Path, texts: Sequence[str]) -> list[list[int]]:
    return tokens.encode(tokens.open_tokenizer(tokenizer), list(texts), work.config.artifact.max_length)
