"""Scores the quantized reader on dev, as the product uses it, beside the product without it and a baseline.

What is fitted on dev (calibration, thresholds) is fitted on one half of its authors to read the other half.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from build.data.journal.entries import Entry
from build.evaluation.records import Estimate
from build.files import write_json
from build.insight import decisions
from build.insight.config import Config
from build.insight.scores import Reading, score
from build.insight.served import Product, majority
from functions.emotion.reader import JournalReader
from functions.emotion.reader_config import ReaderConfig
from functions.shared.runtime.onnx import CONFIG, GRAPH
from functions.shared.text.encoder import TOKENIZER

log = logging.getLogger(__name__)

SLICES: dict[str, Callable[[Entry], bool]] = {
    "all": lambda _: True,
    "written": lambda entry: entry.source == "written",
    "Hippocorpus": lambda entry: entry.source == "hippocorpus",
    "Lemotif": lambda entry: entry.source == "lemotif",
}
"""In entries written for this project, feeling is mostly shown and not named."""

Scores = dict[str, dict[str, Estimate]]
"""By slice and score."""


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """Scores in percent of the reader, of the product without it, and of always giving the same answer.

    Attributes:
        entries: entries of each slice.
        readings: what the reader says about each entry, by ID.
    """

    entries: dict[str, int]
    reader: Scores
    without: Scores
    baseline: Scores
    readings: dict[str, Reading]


def evaluate(config: Config, quantized: Path, entries: Sequence[Entry], models: Path) -> Evaluation:
    """Fit the shipped decisions on all entries, write them beside the graph, and score cross-fitted ones."""
    logits = _logits(config, quantized, entries)
    write_json(quantized / CONFIG, _fit(config, logits, entries))
    readings = _cross_fitted(config, quantized, logits, entries, models)
    without = Product(models, None)
    return Evaluation(
        entries={name: sum(map(chosen, entries)) for name, chosen in SLICES.items()},
        reader=_by_slice(readings, entries),
        without=_by_slice([without.read(entry) for entry in entries], entries),
        baseline=_by_slice([majority(entry) for entry in entries], entries),
        readings={entry.id: reading for entry, reading in zip(entries, readings, strict=True)},
    )


def load(path: Path) -> Evaluation:
    return msgspec.json.decode(path.read_bytes(), type=Evaluation)


def halves(entries: Sequence[Entry]) -> list[bool]:
    """Whether each entry is in the first half of dev's authors; stories are split by ID."""
    writers = sorted({entry.id[0] for entry in entries if entry.source == "written"})
    first = set(writers[::2])
    return [
        entry.id[0] in first if entry.source == "written" else sum(entry.id.encode()) % 2 == 0
        for entry in entries
    ]


def _logits(config: Config, quantized: Path, entries: Sequence[Entry]) -> decisions.Outputs:
    """The quantized graph's logits; how it decides does not matter for them."""
    with _reader_folder(
        quantized, decisions.undecided(config.name, config.version, config.max_tokens)
    ) as folder:
        reader = JournalReader.load(Path(folder), config.threads)
        return [reader.logits(entry.sentences) for entry in entries]


def _fit(config: Config, logits: decisions.Outputs, entries: Sequence[Entry]) -> ReaderConfig:
    return decisions.fit(
        logits, entries, name=config.name, version=config.version, max_length=config.max_tokens
    )


def _cross_fitted(
    config: Config, quantized: Path, logits: decisions.Outputs, entries: Sequence[Entry], models: Path
) -> list[Reading]:
    readings: dict[str, Reading] = {}
    in_first = halves(entries)
    for judged_first in (True, False):
        fitting = [row for row, first in enumerate(in_first) if first != judged_first]
        decided = _fit(config, [logits[row] for row in fitting], [entries[row] for row in fitting])
        with _reader_folder(quantized, decided) as folder:
            product = Product(models, Path(folder), config.threads)
            for entry, first in zip(entries, in_first, strict=True):
                if first == judged_first:
                    readings[entry.id] = product.read(entry)
    return [readings[entry.id] for entry in entries]


def _reader_folder(quantized: Path, config: ReaderConfig) -> tempfile.TemporaryDirectory[str]:
    """A temporary reader with this configuration."""
    folder = tempfile.TemporaryDirectory(prefix="samo-reader-")
    for name in (GRAPH, TOKENIZER):
        shutil.copyfile(quantized / name, Path(folder.name) / name)
    write_json(Path(folder.name) / CONFIG, config)
    return folder


def _by_slice(readings: Sequence[Reading], entries: Sequence[Entry]) -> Scores:
    scores = {}
    for name, chosen in SLICES.items():
        rows = [row for row, entry in enumerate(entries) if chosen(entry)]
        if rows:
            scores[name] = score([readings[row] for row in rows], [entries[row] for row in rows])
    return scores
