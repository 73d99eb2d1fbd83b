"""The train and dev sets of a run, loaded from its data folder."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

import numpy as np

from build.data import goemotions, hippocorpus, in_house, lemotif, lemotif_download, validation
from build.data.dataset import Dataset, random_share
from build.emotion.config import Config
from build.errors import DataError
from build.text_encoder import EMOTIONS, FEELINGS, TOPICS

log = logging.getLogger(__name__)

_MAX_WORDS = 50
"""Words of an unlabelled sentence; the minimum is three."""
_RULES = validation.Rules(english=False, agreeing=False)
"""Conflicting labels are kept: annotators' disagreement is informative."""


class EmotionDatasets(NamedTuple):
    """All data of a run: train and dev by head."""

    train: dict[str, Dataset]
    dev: dict[str, Dataset]
    unlabelled: list[str]
    """Sentences of Hippocorpus' stories."""
    in_house: dict[str, Dataset]
    """By head, lines written for this project."""

    @property
    def labels(self) -> dict[str, list[str]]:
        """Label names by head."""
        return {head: dataset.labels for head, dataset in self.train.items()}


def find_data_folder(folder: Path | None, cache: Path) -> Path:
    """Return the data folder; without one, download the published data into ``cache``.

    Raises:
        DataError: something cannot be downloaded, or has another digest.
    """
    if folder is not None:
        return folder
    goemotions.fetch_folder(cache / "goemotions")
    lemotif_download.fetch_folder(cache / "lemotif")
    return cache


def load_datasets(folder: Path, config: Config) -> EmotionDatasets:
    """Load the datasets that a configuration needs, reduced to its share.

    Raises:
        DataError: a file is missing or damaged.
    """
    dev = goemotions.load(folder / "goemotions", "dev")
    train = _deduplicated(goemotions.load(folder / "goemotions", "train"), dev)
    train_sets, dev_sets, in_house_sets = {EMOTIONS: train}, {EMOTIONS: dev}, {}
    for head, enabled in ((FEELINGS, config.heads.feelings), (TOPICS, config.heads.topics)):
        if enabled:
            train_sets[head], dev_sets[head] = _load_lemotif(folder / "lemotif", head, config)
            in_house_sets[head] = in_house.load(head, train_sets[head].labels)  # type: ignore[arg-type]
    return EmotionDatasets(
        _reduced(train_sets, config),
        _reduced(dev_sets, config),
        _load_unlabelled(folder, config),
        in_house_sets,
    )


def _deduplicated(train: Dataset, dev: Dataset) -> Dataset:
    """The training texts that are not in dev, without duplicates."""
    held_out = validation.to_table(dev, "dev").rows
    table, report = validation.validate(
        validation.to_table(train, "GoEmotions train"), None, held_out, _RULES
    )
    log.info("%s", report.text(shown=0))
    return train.select([row.number - 1 for row in table.rows])


def _load_lemotif(folder: Path, head: str, config: Config) -> tuple[Dataset, Dataset]:
    """Lemotif's splits, restricted to labels with enough examples."""
    whole = lemotif.load(folder, "train", head)  # type: ignore[arg-type]
    is_frequent = whole.targets.sum(axis=0) >= config.heads.min_examples
    kept = [label for label, frequent in zip(whole.labels, is_frequent.tolist(), strict=True) if frequent]
    if dropped := sorted(set(whole.labels) - set(kept)):
        log.info("%s with too few training examples, dropped: %s", head, ", ".join(dropped))
    train, dev = (lemotif.load(folder, split, head, kept) for split in ("train", "dev"))  # type: ignore[arg-type]
    return train, dev


def _reduced(sets: dict[str, Dataset], config: Config) -> dict[str, Dataset]:
    """Reduce the comments to the configured share; the journal sets are small and stay complete."""
    comments = sets[EMOTIONS]
    return {**sets, EMOTIONS: comments.select(random_share(len(comments.texts), config.share, config.seed))}


def _load_unlabelled(folder: Path, config: Config) -> list[str]:
    count = config.distillation.unlabelled_sentences
    if not count:
        return []
    try:
        sentences = hippocorpus.load_sentences(folder / "summaries", "train")
    except DataError as error:
        log.warning("no unlabelled sentences for the student: %s", error)
        return []
    suitable = [sentence for sentence in sentences if 3 <= len(sentence.split()) <= _MAX_WORDS]
    drawn = np.random.default_rng(config.seed).permutation(len(suitable))[:count]
    return [suitable[row] for row in drawn.tolist()]
