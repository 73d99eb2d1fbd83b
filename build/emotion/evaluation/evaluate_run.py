"""Complete evaluation of a run: scores, baselines, embedding agreement and latency."""

from __future__ import annotations

import contextlib

import msgspec
import numpy as np

from build.data import hippocorpus
from build.emotion.data.datasets import EmotionDatasets
from build.emotion.evaluation import baselines, embedding_agreement, evaluate, latency
from build.emotion.evaluation.evaluate import Baselines
from build.emotion.evaluation.served_model import ServedModel
from build.emotion.workspace import Workspace
from build.errors import DataError
from build.evaluation import metrics
from build.evaluation.records import Evaluation, Latency
from build.text_encoder import EMOTIONS, FEELINGS, TOPICS
from functions.shared.text.encoder import load_encoder

_EMBEDDING_TEXTS = 2000


def evaluate_run(workspace: Workspace) -> Evaluation:
    """Score, compare and time the exported models."""
    datasets = workspace.load_datasets()
    evaluation = evaluate.evaluate(
        workspace.run_dir.int8,
        workspace.run_dir.fp32,
        datasets.dev,
        workspace.config,
        baselines=_baselines(workspace, datasets),
        extra=workspace.out_of_fold(datasets),
        options=workspace.config.evaluation,
    )
    return msgspec.structs.replace(
        evaluation,
        latency=_latencies(workspace, datasets),
        embedding=_embedding_agreement(workspace, datasets),
    )


def _baselines(workspace: Workspace, datasets: EmotionDatasets) -> dict[str, Baselines]:
    heads = [head for head in (FEELINGS, TOPICS) if head in datasets.train]
    if not heads:
        return {}
    texts = [part[heads[0]].texts for part in (datasets.train, datasets.dev)]
    train, dev = (workspace.student_trainer.embed_with_base(split_texts) for split_texts in texts)
    model = ServedModel(workspace.run_dir.int8)
    emotions = [metrics.sigmoid(model.logits(EMOTIONS, split_texts)) for split_texts in texts]
    names = list(model.encoder.head(EMOTIONS).labels)
    c_grid = workspace.config.linear_heads.c_grid
    return {
        head: {
            baselines.LOGISTIC: baselines.logistic(train, datasets.train[head], dev, c_grid),
            baselines.HANDWRITTEN: baselines.handwritten(
                emotions[0], emotions[1], names, datasets.train[head]
            ),
        }
        for head in heads
    }


def _embedding_agreement(workspace: Workspace, datasets: EmotionDatasets) -> dict[str, float]:
    """On texts that no model was trained on: comments, journal entries and sentences of stories."""
    texts = [*datasets.dev[EMOTIONS].texts, *(datasets.dev[TOPICS].texts if TOPICS in datasets.dev else [])]
    with contextlib.suppress(DataError):
        texts += hippocorpus.load_sentences(workspace.data / "summaries", "dev")
    random = np.random.default_rng(workspace.config.seed)
    count = round(_EMBEDDING_TEXTS * workspace.config.share)
    sample = [texts[row] for row in random.permutation(len(texts))[:count]]
    embeddings = ServedModel(workspace.run_dir.int8).encoder.encode(sample).embeddings
    return embedding_agreement.compare(
        embeddings, workspace.student_trainer.embed_with_base(sample), workspace.config.seed
    )


def _latencies(workspace: Workspace, datasets: EmotionDatasets) -> dict[str, Latency]:
    texts = datasets.dev[EMOTIONS].texts
    random = np.random.default_rng(workspace.config.seed)
    sample = [
        texts[row] for row in random.permutation(len(texts))[: workspace.config.compression.timed_texts]
    ]
    model = workspace.student_trainer.load_trained(datasets, workspace.run_dir.student)
    engines = {
        "ONNX int8 (ships)": latency.serving(load_encoder(workspace.run_dir.int8)),
        "ONNX float32": latency.serving(load_encoder(workspace.run_dir.fp32)),
        "torch eager float32": latency.eager(
            model, workspace.tokenizer, workspace.config.artifact.max_length
        ),
    }
    return latency.compare(engines, sample)
