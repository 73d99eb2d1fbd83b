"""What a run learns from and is measured on, gathered from its data folder."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from build.data import goemotions, hippocorpus, in_house, lemotif, lemotif_download, validation
from build.data.dataset import Dataset
from build.emotion.config import Config
from build.errors import DataError
from build.text_encoder import EMOTIONS, FEELINGS, TOPICS

log = logging.getLogger(__name__)

_LONGEST = 50
"""Words of an unlabelled sentence; the shortest has three."""
_RULES = validation.Rules(english=False, agreeing=False)
"""Annotators who disagree on a text tell something of it."""


class EmotionDatasets(NamedTuple):
    """Everything a run reads: by head, what is learned from and what is measured on."""

    train: dict[str, Dataset]
    dev: dict[str, Dataset]
    unlabelled: list[str]
    """Sentences of people's stories."""
    own: dict[str, Dataset]
    """By head, lines written for this project."""

    @property
    def labels(self) -> dict[str, list[str]]:
        """The labels of each head."""
        return {head: examples.labels for head, examples in self.train.items()}


def find(folder: Path | None, cache: Path) -> Path:
    """The data folder; without one, what its authors publish is fetched into ``cache``.

    Raises:
        DataError: something cannot be fetched, or is not what was pinned.
    """
    if folder is not None:
        return folder
    goemotions.fetch_folder(cache / "goemotions")
    lemotif_download.fetch_folder(cache / "lemotif")
    return cache


def read(folder: Path, config: Config) -> EmotionDatasets:
    """Read what a configuration asks for, and as much of it.

    Raises:
        DataError: a file is missing or damaged.
    """
    dev = goemotions.load(folder / "goemotions", "dev")
    train = _apart(goemotions.load(folder / "goemotions", "train"), dev)
    learned, measured, written = {EMOTIONS: train}, {EMOTIONS: dev}, {}
    for head, wanted in ((FEELINGS, config.heads.feelings), (TOPICS, config.heads.topics)):
        if wanted:
            learned[head], measured[head] = _journal(folder / "lemotif", head, config)
            written[head] = in_house.load(head, learned[head].labels)  # type: ignore[arg-type]
    return EmotionDatasets(
        _thin(learned, config), _thin(measured, config), _unlabelled(folder, config), written
    )


def draw(rows: int, share: float, seed: int) -> npt.NDArray[np.int64]:
    """Row numbers of a random share, at least one, in their order."""
    return np.sort(np.random.default_rng(seed).permutation(rows)[: max(1, round(rows * share))])


def _apart(train: Dataset, dev: Dataset) -> Dataset:
    """The training texts that dev doesn't hold as well, each once."""
    held_out = validation.to_table(dev, "dev").rows
    kept, report = validation.validate(validation.to_table(train, "GoEmotions train"), None, held_out, _RULES)
    log.info("%s", report.text(shown=0))
    return train.select([row.number - 1 for row in kept.rows])


def _journal(folder: Path, head: str, config: Config) -> tuple[Dataset, Dataset]:
    """Lemotif's splits with the labels that can be learned."""
    whole = lemotif.load(folder, "train", head)  # type: ignore[arg-type]
    often = whole.targets.sum(axis=0) >= config.heads.least_examples
    kept = [label for label, enough in zip(whole.labels, often.tolist(), strict=True) if enough]
    if left := sorted(set(whole.labels) - set(kept)):
        log.info("%s with too few examples to learn, left out: %s", head, ", ".join(left))
    train, dev = (lemotif.load(folder, split, head, kept) for split in ("train", "dev"))  # type: ignore[arg-type]
    return train, dev


def _thin(parts: dict[str, Dataset], config: Config) -> dict[str, Dataset]:
    """As many comments, at random, as the run takes; journals are few and stay whole."""
    comments = parts[EMOTIONS]
    return {**parts, EMOTIONS: comments.select(draw(len(comments.texts), config.share, config.seed))}


def _unlabelled(folder: Path, config: Config) -> list[str]:
    wanted = config.distillation.unlabelled
    if not wanted:
        return []
    try:
        found = hippocorpus.load_sentences(folder / "summaries", "train")
    except DataError as error:
        log.warning("LEFT OUT: the student sees no unlabelled sentences: %s", error)
        return []
    fit = [sentence for sentence in found if 3 <= len(sentence.split()) <= _LONGEST]
    drawn = np.random.default_rng(config.seed).permutation(len(fit))[:wanted]
    return [fit[row] for row in drawn.tolist()]
