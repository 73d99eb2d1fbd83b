"""Everything that is measured of a trained run: scores beside baselines, the embedding's likeness, speed."""

from __future__ import annotations

import contextlib

import msgspec
import numpy as np

from build.data import hippocorpus
from build.emotion import baselines, evaluate, latency, likeness
from build.emotion.evaluate import Baselines
from build.emotion.model import EMOTIONS, FEELINGS, TOPICS
from build.emotion.reader import Reader
from build.emotion.sources import Sources
from build.emotion.workspace import Workspace
from build.errors import DataError
from build.evaluation import metrics
from build.evaluation.records import Evaluation, Latency
from functions.shared.text.encoder import load_encoder

_LIKENESS_TEXTS = 2000


def measure(work: Workspace) -> Evaluation:
    """Score, compare and time what was exported."""
    found = work.read()
    scored = evaluate.evaluate(
        work.run.int8,
        work.run.fp32,
        found.dev,
        work.config,
        baselines=_baselines(work, found),
        more=work.unseen(found),
        options=work.config.evaluation,
    )
    return msgspec.structs.replace(scored, latency=_latencies(work, found), embedding=_likeness(work, found))


def _baselines(work: Workspace, found: Sources) -> dict[str, Baselines]:
    heads = [head for head in (FEELINGS, TOPICS) if head in found.train]
    if not heads:
        return {}
    texts = [part[heads[0]].texts for part in (found.train, found.dev)]
    train, dev = (work.school.original(each) for each in texts)
    reader = Reader(work.run.int8)
    emotions = [metrics.sigmoid(reader.logits(EMOTIONS, each)) for each in texts]
    names = list(reader.encoder.head(EMOTIONS).labels)
    strengths = work.config.journal.strengths
    return {
        head: {
            baselines.LOGISTIC: baselines.logistic(train, found.train[head], dev, strengths),
            baselines.BY_HAND: baselines.by_hand(emotions[0], emotions[1], names, found.train[head]),
        }
        for head in heads
    }


def _likeness(work: Workspace, found: Sources) -> dict[str, float]:
    """On texts nobody trained on: comments, journals and, where they are, sentences of stories."""
    texts = [*found.dev[EMOTIONS].texts, *(found.dev[TOPICS].texts if TOPICS in found.dev else [])]
    with contextlib.suppress(DataError):
        texts += hippocorpus.sentences(work.data / "summaries", "dev")
    random = np.random.default_rng(work.config.seed)
    count = round(_LIKENESS_TEXTS * work.config.share)
    chosen = [texts[row] for row in random.permutation(len(texts))[:count]]
    ours = Reader(work.run.int8).encoder.encode(chosen).embeddings
    return likeness.compare(ours, work.school.original(chosen), work.config.seed)


def _latencies(work: Workspace, found: Sources) -> dict[str, Latency]:
    texts = found.dev[EMOTIONS].texts
    random = np.random.default_rng(work.config.seed)
    chosen = [texts[row] for row in random.permutation(len(texts))[: work.config.compression.timed]]
    model = work.school.trained(found, work.run.student)
    engines = {
        "ONNX int8 (ships)": latency.serving(load_encoder(work.run.int8)),
        "ONNX float32": latency.serving(load_encoder(work.run.fp32)),
        "torch eager float32": latency.eager(model, work.tokenizer, work.config.artifact.max_length),
    }
    return latency.compare(engines, chosen)
