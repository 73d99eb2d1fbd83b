"""Sequence-level distillation: a teacher's summaries as additional targets for a student."""

from __future__ import annotations

import logging

import msgspec

from build.data.summaries import Pair
from build.summarization.config import Variant
from build.summarization.network import greedy
from build.summarization.workspace import Workspace

log = logging.getLogger(__name__)


def with_teacher_summaries(workspace: Workspace, variant: Variant, pairs: list[Pair]) -> list[Pair]:
    """The pairs, plus the same sources with their teacher's summaries, which are written once per run.

    Raises:
        CheckpointError: the teacher has not been trained.
    """
    if variant.teacher is None:
        return pairs
    path = workspace.run_dir.teacher_summaries(variant.teacher)
    if not path.is_file():
        model = workspace.load_trained(variant.teacher)
        sources = [pair.source for pair in pairs]
        summaries = greedy.write_summaries(model, workspace.vocabulary, sources, variant.training.max_source)
        path.write_bytes(msgspec.json.encode(dict(zip((pair.id for pair in pairs), summaries, strict=True))))
        log.info("%s wrote %d summaries as distillation targets", variant.teacher, len(summaries))
    teacher_summaries = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    return [
        *pairs,
        *(
            msgspec.structs.replace(pair, summary=teacher_summaries[pair.id])
            for pair in pairs
            if teacher_summaries.get(pair.id)
        ),
    ]
