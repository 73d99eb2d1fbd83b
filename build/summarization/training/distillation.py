"""Sequence-level distillation: a teacher's summaries of the texts a student learns from."""

from __future__ import annotations

import logging

import msgspec

from build.data.summaries import Pair
from build.summarization.config import Variant
from build.summarization.network import greedy
from build.summarization.workspace import Workspace

log = logging.getLogger(__name__)


def lesson(work: Workspace, variant: Variant, pairs: list[Pair]) -> list[Pair]:
    """The pairs, and again with their teacher's summaries; written once a run.

    Raises:
        CheckpointError: the teacher has not been trained.
    """
    if variant.teacher is None:
        return pairs
    path = work.run.lesson(variant.teacher)
    if not path.is_file():
        model = work.trained(variant.teacher)
        sources = [pair.source for pair in pairs]
        written = greedy.write(model, work.vocabulary, sources, variant.training.max_source)
        path.write_bytes(msgspec.json.encode(dict(zip((pair.id for pair in pairs), written, strict=True))))
        log.info("%s wrote %d summaries to learn from", variant.teacher, len(written))
    taught = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    return [*pairs, *(msgspec.structs.replace(p, summary=taught[p.id]) for p in pairs if taught.get(p.id))]
