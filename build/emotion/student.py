"""The student: one network that learns every head, from annotators, teachers and the base model."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from tokenizers import Tokenizer

from build.base_model import BaseModel
from build.emotion import checkpoint, corpus, sources
from build.emotion import model as network
from build.emotion.config import Config
from build.emotion.corpus import Corpus
from build.emotion.model import EMBEDDING, EMOTIONS, FEELINGS, TOPICS, TextEncoder
from build.emotion.run import Member
from build.emotion.sources import Sources
from build.emotion.teacher import Lesson
from build.emotion.train import Trainer, predict
from build.errors import CheckpointError
from build.evaluation.metrics import Floats

log = logging.getLogger(__name__)

_DECIDES = ("seed", "share", "training", "teacher", "distillation", "heads")


class Material(NamedTuple):
    """What there is to learn from; ``embeddings`` (n, width) are the base model's of ``texts(found)``."""

    found: Sources
    lesson: Lesson | None
    embeddings: Floats | None

    def thin(self, share: float, seed: int) -> Material:
        """A share of the comments, and no sentences that teachers alone label."""
        train = self.found.train[EMOTIONS]
        count = len(train.texts)
        rows = np.sort(np.random.default_rng(seed).permutation(count)[: max(1, round(count * share))])
        written = len(texts(self.found)) - count - len(self.found.unlabelled)
        kept = [*rows.tolist(), *range(count, count + written)]
        return Material(
            self.found._replace(train={**self.found.train, EMOTIONS: train.select(rows)}, unlabelled=[]),
            self.lesson and Lesson(self.lesson.labelled[rows], self.lesson.unlabelled[:0]),
            None if self.embeddings is None else self.embeddings[kept],
        )

    def under(self, config: Config) -> Material:
        """What is left of it where a configuration gives a head no weight."""
        weights = {FEELINGS: config.heads.feelings, TOPICS: config.heads.topics}
        dropped = {head for head, weight in weights.items() if not weight and head in self.found.train}
        left = {head: each for head, each in self.found.train.items() if head not in dropped}
        found = self.found._replace(train=left)
        embeddings = self.embeddings if config.heads.embedding else None
        if embeddings is not None and len(left) == 1 and dropped:
            first, last = len(left[EMOTIONS].texts), len(embeddings) - len(found.unlabelled)
            embeddings = np.delete(embeddings, slice(first, last), axis=0)
        return Material(found, self.lesson, embeddings)

    def corpus(self, config: Config) -> Corpus:
        """All that the student sees in an epoch."""
        heads = {head: len(labels) for head, labels in self.found.labels.items()}
        whole = corpus.join(self._parts(config), heads)._replace(embeddings=self.embeddings)
        first = len(self.found.train[EMOTIONS].texts)
        journal = range(first, len(whole.texts) - len(self.found.unlabelled))
        return whole.select([*range(len(whole.texts)), *list(journal) * (config.heads.repeats - 1)])

    def _parts(self, config: Config) -> list[Corpus]:
        comments = sources.emotions(self.found.train[EMOTIONS])
        if self.lesson is not None:
            blended = corpus.blend(
                comments.targets[EMOTIONS], self.lesson.labelled, config.distillation.share
            )
            comments = comments._replace(targets={EMOTIONS: blended})
        parts = [comments]
        if (journal := sources.journal(self.found.train)) is not None:
            parts.append(journal)
        if self.lesson is not None and self.found.unlabelled:
            parts.append(Corpus(self.found.unlabelled, {EMOTIONS: self.lesson.unlabelled}))
        return parts


class School(NamedTuple):
    """How students are trained."""

    config: Config
    base: BaseModel
    tokenizer: Tokenizer

    def under(self, config: Config) -> School:
        """The same with another configuration."""
        return self._replace(config=config)

    def teach(self, material: Material, member: Member) -> TextEncoder:
        """Train a student; a finished or interrupted training is taken up where it stands."""
        config = self.config
        member.claim({name: getattr(config, name) for name in _DECIDES})
        material = material.under(config)
        learned = material.corpus(config)
        torch.manual_seed(config.seed)
        model = self.fresh(material.found)
        network.start_at_base_rates(model, learned.rates())
        trainer = Trainer(
            config.training, model, self.tokenizer, member, seed=config.seed, weights=config.heads
        )
        trainer.fit(learned, sources.emotions(material.found.dev[EMOTIONS]))
        return self.trained(material.found, member)

    def trained(self, found: Sources, member: Member) -> TextEncoder:
        """The student in a folder.

        Raises:
            CheckpointError: it isn't trained.
        """
        model = self.fresh(found)
        checkpoint.load_weights(member, model)
        return model

    def fresh(self, found: Sources) -> TextEncoder:
        """The base model under untrained heads."""
        heads = {head: len(labels) for head, labels in found.labels.items()}
        settings = self.config.training
        return network.from_base(self.base, heads, settings.dropout, settings.pooling)

    def original_embeddings(self, texts: list[str], path: Path) -> Floats:
        """Where the untouched base model has each text (n, width), half precision; kept in ``path``.

        Raises:
            CheckpointError: the file is of other texts.
        """
        if not path.is_file():
            log.info("where the base model has %d texts", len(texts))
            model = network.from_base(self.base, {EMOTIONS: 1}, 0.0)
            found = predict(model, self.tokenizer, texts, self.config.training)[EMBEDDING]
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, found.astype(np.float16))
        saved: Floats = np.load(path)
        if len(saved) != len(texts):
            raise CheckpointError(f"{path} is of other texts: remove it")
        return saved


def texts(found: Sources) -> list[str]:
    """Every text once: GoEmotions', Lemotif's and the unlabelled ones."""
    journal = sources.journal(found.train)
    return [*found.train[EMOTIONS].texts, *(journal.texts if journal else []), *found.unlabelled]
